"""What receipts and the keys that check them look like, as api.components has it of all else."""

from typing import Any, Final

from api.schema_parts import (
    Schema,
    a_code,
    a_hash,
    a_list,
    a_moment,
    a_text,
    an_object,
    component,
    nullable,
    results_of,
)
from registry.compute import return_reference
from registry.filings.reference import PATTERN

_REFERENCE: Final = a_text(
    "Reference of a filing or return; the last digit is a check digit.",
    pattern=f"^({PATTERN.pattern}|{return_reference.PATTERN.pattern})$",
)
_VERSION_NUMBER: Final[dict[str, Any]] = {
    "type": "integer",
    "minimum": 1,
    "description": "Number of the version within its filing.",
}
OPENING: Final = an_object(
    "Opens the commitment: the SHA-256 of the line `eu-compute-registry/commitment/v1`, its LF, the 32 bytes of the "
    "salt and the 32 bytes of document_sha256. Only filer and authority get it.",
    salt=nullable(a_hash("The salt; null once the document was erased after its period.")),
    document_sha256=nullable(a_hash("SHA-256 of the canonical document (RFC 8785); null once it was erased.")),
)

_SIZE: Final[dict[str, Any]] = {"type": "integer", "minimum": 0}
_BASE64: Final = a_text("A hash in Base64.", pattern="^[A-Za-z0-9+/]{43}=$")
LOG_ANSWERS: Final[dict[str, Schema]] = {
    "LoggedReceipt": an_object(
        "The register's signed word for a version, the opening of its commitment, and its place in the public log. "
        "Keep all of it with the document.",
        receipt=component("Receipt"),
        public_key=a_text("The register's Ed25519 key (PEM, SubjectPublicKeyInfo)."),
        opening=OPENING,
        log={"oneOf": [component("LogPlace"), component("LogWaiting")]},
    ),
    "LogPlace": an_object(
        "The version is in the public log. A proof never expires; a later one is as good.",
        state=a_text("In the log.", const="included"),
        index={**_SIZE, "description": "Position of the leaf."},
        size={**_SIZE, "description": "Size of the log that the proof leads to."},
        proof=a_text("The proof as C2SP tlog-proof@v1: what a file `.tlog-proof` holds."),
        witnesses=a_list(a_text("Name of a witness."), "Who signed that head beside the log."),
        quorum=a_code("Whether enough witnesses signed it.", ["reached", "pending"]),
    ),
    "LogWaiting": an_object(
        "The version is entered and has no position yet.",
        state=a_text("Not yet in the log.", const="waiting"),
        expected_by=a_moment("By when it is promised to be."),
    ),
    "PublicLog": an_object(
        "The newest head of the public log.",
        origin=a_text("Name of the log."),
        size={**_SIZE, "description": "How many leaves it has, covers included."},
        root={**_BASE64, "description": "Root of the tree (RFC 6962), in Base64."},
        checkpoint=a_text("The signed head, verbatim (C2SP tlog-checkpoint, with cosignatures)."),
        files=a_text("Where the files of the log lie (C2SP tlog-tiles).", format="uri"),
        policy=a_text("The log's key, its witnesses and their quorum (C2SP tlog-policy), for `ecar-verify --policy`."),
        witnesses=a_list(component("LogWitness"), "All witnesses of the policy."),
        quorum=a_code("Whether enough witnesses signed this head.", ["reached", "pending", "none"]),
    ),
    "LogWitness": an_object(
        "A witness of the log.",
        name=a_text("Name of its key."),
        verifier_key=a_text("Its key (C2SP signed-note)."),
        signed_at=nullable(a_moment("When it signed this head.")),
    ),
    "LogConsistency": an_object(
        "The log of the old size begins the log of the new one.",
        old={**_SIZE, "description": "The smaller size."},
        new={**_SIZE, "description": "The larger size."},
        proof=a_list(_BASE64, "The proof (RFC 9162, 2.1.4)."),
    ),
}
RECEIPT_ANSWERS: Final[dict[str, Schema]] = {
    **LOG_ANSWERS,
    "VersionReceipt": an_object(
        "The register's signed word for a version, and the opening of its commitment. Keep both with the document.",
        receipt=component("Receipt"),
        public_key=a_text("The register's Ed25519 key (PEM, SubjectPublicKeyInfo)."),
        opening=OPENING,
    ),
    "Receipt": an_object(
        "What the register signs: Ed25519 over the line `eu-compute-registry/receipt/v1`, its LF, and the RFC 8785 "
        "form of all members but `signature`. The keys: /api/v1/receipt-keys/.",
        optional=("mandate",),
        origin=a_text("Name of the log."),
        filing=_REFERENCE,
        version=_VERSION_NUMBER,
        commitment=a_hash("What the log holds of the version."),
        digest_algorithm=a_text("How the document is hashed."),
        index={"type": "integer", "minimum": 0, "description": "Place in the log."},
        entry_hash=a_hash(
            "SHA-256 of the line `eu-compute-registry/entry/v1`, its LF, index (8 bytes, big-endian), previous_hash, "
            "received_at (microseconds since 1970, 8 bytes, big-endian, signed) and commitment."
        ),
        previous_hash=a_hash("Hash of the line before."),
        received_at=a_moment("When the register received it."),
        key_id=a_hash("First eight bytes of the key's SHA-256.", octets=8),
        mandate=a_text("The mandate under which an agent filed; absent where the provider did.", format="uuid"),
        signature=a_hash("Ed25519 signature.", octets=64),
    ),
    "ReceiptKeyList": results_of("ReceiptKey", "The keys that check receipts."),
    "ReceiptKey": an_object(
        "A public key of the register.",
        key_id=a_hash("First eight bytes of the SHA-256 of the 32 bytes of the key.", octets=8),
        algorithm=a_code("How it signs.", ["Ed25519"]),
        public_key=a_text("The key (PEM, SubjectPublicKeyInfo)."),
        signs_now={"type": "boolean", "description": "False for a key that signed before."},
    ),
}
