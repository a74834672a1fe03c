"""The annotation tools that batches can be written for and ratings read from."""

from pipeline.annotation.exchange.doccano import DOCCANO
from pipeline.annotation.exchange.label_studio import LABEL_STUDIO
from pipeline.annotation.exchange.ratings_csv import CSV

#: by name; a file that comes back is read by the first that recognises it
TOOLS = {tool.name: tool for tool in (CSV, LABEL_STUDIO, DOCCANO)}
SUFFIXES = tuple(dict.fromkeys(suffix for tool in TOOLS.values() for suffix in tool.suffixes))
