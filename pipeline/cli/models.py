"""`danmu models`: what can be named in params.yaml."""


def models() -> None:
    """List the models that params.yaml names, and whether they are on this machine.

    Example: danmu models
    """
    from pipeline.config import read_models
    from pipeline.networks.sources import presence
    from pipeline.terminal import say

    known = read_models()
    width = max(map(len, known))
    for key, model in known.items():
        say(f"{key:{width}} {model.source:8} {model.name:36} {presence(model)}")
