"""UserError: what the user can mend. Its message is a sentence that names the setting, file or folder."""


class UserError(ValueError):
    """Shown as it is, without a traceback, by the command line and by every page."""
