"""Encrypted Office files (ECMA-376 in an OLE container): opened by msoffcrypto, an extra, with the passwords given."""

from __future__ import annotations

import io

from rag.errors import DocumentError
from rag.load.parsed import Source

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_NONE = "VelvetSweatshop"
"""What Office itself encrypts with where it asks for no password: sheets that are only protected against changes."""


def decrypted(source: Source) -> bytes:
    """Return the bytes of an Office file since 2007 without the encryption around them.

    Raises:
        DocumentError: it is another kind of file, no password fits, or what opens it is not installed.
    """
    _check(source)
    try:
        from msoffcrypto import OfficeFile
        from msoffcrypto.exceptions import InvalidKeyError
    except ImportError as error:
        raise DocumentError(
            f"{source.name}: is encrypted with a password; save a copy without one, or run "
            "`pip install 'footnote-rag[encrypted]'` and give the password."
        ) from error
    for password in (_NONE, *filter(None, source.passwords)):
        opened = io.BytesIO()
        try:
            file = OfficeFile(io.BytesIO(source.data))
            file.load_key(password=password, verify_password=True)
            file.decrypt(opened)
        except InvalidKeyError:
            continue
        except Exception as error:
            # msoffcrypto lets through whatever its parser trips over.
            raise DocumentError(
                f"{source.name}: is encrypted in a way that can't be opened, or damaged; save it without a password."
            ) from error
        return opened.getvalue()
    tried = "; none of the passwords given fits" if source.passwords else ""
    raise DocumentError(
        f"{source.name}: is encrypted with a password{tried}. Give it with --password or in RAG_PASSWORDS."
    )


def _check(source: Source) -> None:
    import olefile

    try:
        with olefile.OleFileIO(io.BytesIO(source.data)) as container:
            if container.exists("EncryptionInfo"):
                return
    except Exception as error:
        # olefile raises whatever a broken container makes it trip over.
        raise DocumentError(f"{source.name}: is damaged; open it and save it anew.") from error
    raise DocumentError(
        f"{source.name}: is a file of an older Office under a newer name; open it and save it anew, or give it its old "
        "suffix (.doc, .xls)."
    )
