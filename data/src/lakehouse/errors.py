"""The errors of the pipeline. The class name is what a state machine sees as the error type."""


class LakehouseError(Exception):
    """Base of every error that the pipeline raises on purpose."""


class SchemaError(LakehouseError):
    """A dataset definition is not valid. Lists every problem, one a line."""

    def __init__(self, name: str, problems: list[str]) -> None:
        """Names the definition and what is wrong with it."""
        self.problems = problems
        super().__init__(f"dataset {name}: " + "\n".join(problems))


class ArgumentError(LakehouseError):
    """A job was started with arguments that are missing or make no sense."""


class StorageError(LakehouseError):
    """An object is missing or unreadable, or a location is not one."""


class SourceChanged(LakehouseError):
    """A delivered file is no longer the one that was validated. A new run validates it again."""


class LawBroken(LakehouseError):
    """Rows were lost or made up between reading and writing. Nothing of the run may be published."""


class StaleBase(LakehouseError):
    """Another run published meanwhile: this run's candidate was made from an older table."""

    def __str__(self) -> str:
        """The text names the class: the emulator of Lambda passes nothing else of an error on to the state machine."""
        return f"StaleBase: {super().__str__()}"


class AlreadyPublished(LakehouseError):
    """The run's files are part of the published table: running it again would replace them."""
