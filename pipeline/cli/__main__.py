"""`python -m pipeline.cli`, where `danmu` is not installed."""

from pipeline.cli.main import main

main()
