"""The one exception for everything that a user can cause and mend."""


class UserError(Exception):
    """A sentence that names the file, line or key at fault, and what to do about it.

    Raised where the input is read, before any long work starts. Stages and the command line
    print the sentence and exit with status 2; every other exception is a defect of ours and
    keeps its traceback.
    """
