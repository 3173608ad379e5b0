"""Objects of one bucket: how a service reads what the model pipeline wrote there."""

from __future__ import annotations

from typing import Any, Protocol

S3_SCHEME = "s3://"


class S3(Protocol):
    """What is used of boto3's client."""

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803 - the names are AWS's
        """The object. Raises botocore's ClientError and BotoCoreError."""


class UnreadableError(Exception):
    """The object may be there and cannot be read; the message is AWS's code or the client's error, and nothing else."""


class Bucket:
    """One bucket. Without a client of its own it makes one when it is first asked."""

    def __init__(
        self, name: str, *, connect_timeout: float, read_timeout: float, attempts: int, client: S3 | None = None
    ) -> None:
        self.name = name
        self._connect_timeout, self._read_timeout = connect_timeout, read_timeout
        self._attempts = attempts
        self._client = client

    def read(self, key: str) -> bytes | None:
        """The bytes of an object; None where there is none. Raises UnreadableError."""
        # Only who reads a bucket needs the client, which takes half a second to load.
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return bytes(self._s3().get_object(Bucket=self.name, Key=key)["Body"].read())
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code == "NoSuchKey":
                return None
            raise UnreadableError(code) from error
        except BotoCoreError as error:
            raise UnreadableError(type(error).__name__) from error

    def _s3(self) -> S3:
        if self._client is None:
            import boto3
            from botocore.config import Config

            retries = {"mode": "standard", "total_max_attempts": self._attempts}
            patience = Config(connect_timeout=self._connect_timeout, read_timeout=self._read_timeout, retries=retries)
            client: S3 = boto3.client("s3", config=patience)
            self._client = client
        return self._client
