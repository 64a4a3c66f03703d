"""All settings, from the environment alone. A missing or malformed one fails with its name and a hint.

Each process has its own `DATABASE_URL`: the login decides which audiences it may become (registry.accounts.policy).
Without one, the running embedded register is found through `var/runtime.json` (registry.runtime writes it).
"""

import logging
import os
from pathlib import Path
from typing import Any

import structlog
from django.conf.locale import LANG_INFO
from redis.backoff import NoBackoff
from redis.retry import Retry

from registry.environment import ROOT, RUNNING, VAR, database, fail, one_of, text, whole_number
from registry.languages import NAMES, SPOKEN, UNKNOWN_TO_DJANGO
from registry.portal.authority_login.configuration import identity_providers, origins
from registry.portal.factor_keys import factor_keys

ENVIRONMENT = one_of("REGISTRY_ENVIRONMENT", ("demonstration", "test", "production"), "demonstration")
PRODUCTION = ENVIRONMENT == "production"
DEBUG = False
SECRET_KEY = text("SECRET_KEY", hint="`make run` makes one; in production set SECRET_KEY or SECRET_KEY_FILE.")
BASE_URL = text("BASE_URL", f"http://127.0.0.1:{os.environ.get('PORT') or 8000}").rstrip("/")
if PRODUCTION and not BASE_URL.startswith("https:"):
    fail("BASE_URL", "In production people and machines come over https: set https://… (the proxy may end TLS).")
ALLOWED_HOSTS = text("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [BASE_URL]
LOG_ORIGIN = text("LOG_ORIGIN", "registry.example.eu/log/2026")
RECEIPT_KEY_FILE = Path(text("RECEIPT_KEY_FILE", str(VAR / "receipt-key.pem")))
RECEIPT_KEYS_FORMER = text("RECEIPT_KEYS_FORMER", "")  # file of the public keys (PEM) that signed before
LOG_KEY_FILE = Path(text("LOG_KEY_FILE", str(VAR / "log-key.pem")))  # signs checkpoints: the worker's, never the web's
LOG_FOLDER = Path(text("LOG_FOLDER", str(VAR / "log-tiles")))  # published as it stands
LOG_OUTSIDE_FOLDER = Path(text("LOG_OUTSIDE_FOLDER", str(VAR / "log-outside")))  # on another disk than the database
LOG_POLICY_FILE = text("LOG_POLICY_FILE", "")  # witnesses and quorum (C2SP tlog-policy); without one, no witnesses
COMMITMENT_DOMAIN = "eu-compute-registry/commitment/v1"
SURFACES = tuple(text("SURFACES", "api,portal,public").split(","))  # production runs one process per surface

DATABASES = {
    "default": database(
        text("DATABASE_URL", hint="Start the register with `make run`, or name a PostgreSQL server in DATABASE_URL.")
    )
}
CELERY_BROKER_URL = text(
    "CELERY_BROKER_URL", RUNNING.get("broker_url"), hint="`make run` starts one, or name an AMQP or Redis server."
)
CACHE_URL = text("CACHE_URL", CELERY_BROKER_URL if CELERY_BROKER_URL.startswith("redis") else "")
# A cache that hangs may cost a request a moment, never its answer: short patience, and no second try
CACHE_PATIENCE = {"socket_timeout": 0.25, "socket_connect_timeout": 0.25, "retry": Retry(NoBackoff(), 0)}
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": CACHE_URL,
        "KEY_PREFIX": "ecar",
        "OPTIONS": CACHE_PATIENCE,
    }
    if CACHE_URL
    else {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "accounts_cache"}
}

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.usersessions",
    "oauth2_provider",
    "rest_framework",
    "drf_spectacular",
    "pgtrigger",
    "csp",
    "registry.ledger",
    "registry.organisations",
    "registry.accounts",
    "registry.dispatch",
    "registry.onboarding",
    "registry.compute",
    "registry.filings",
    "registry.screening",
    "registry.statistics",
    "registry.oversight",
    "registry.portal",
    "registry.portal.authority_login",
    "registry",
    "api",
]
MIDDLEWARE = [
    "registry.headers.Headers",
    "api.guards.Guards",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "registry.portal.compression.CompressedPages",
    "csp.middleware.CSPMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "registry.portal.session_rules.SessionRules",
    "registry.portal.second_factor.SecondFactorRequired",
]
ROOT_URLCONF = "registry.urls"
WSGI_APPLICATION = "registry.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "registry.portal.context.shell",
            ]
        },
    }
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Time and language: everything stored in UTC; the law's days are Brussels days (registry.filings.working_days).
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LANGUAGES = [(code, NAMES[code]) for code in SPOKEN]
LANG_INFO.update(UNKNOWN_TO_DJANGO)
LOCALE_PATHS = [ROOT / "locale"]

STATIC_URL = "/static/"
STATICFILES_DIRS = [ROOT / "static"]
STATIC_ROOT = VAR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if ENVIRONMENT == "test"
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# People
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
# Memory-hard like Argon2id, and in Python's own library: 16 MiB, N=2^14, r=8, p=5 (OWASP Password Storage, 2025)
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 15}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "registry.portal.password_rules.NotEasyToGuess"},
]
PASSWORD_RESET_TIMEOUT = 3600
LOGIN_REDIRECT_URL = "portal-start"
LOGIN_URL = "account_login"
ACCOUNT_ADAPTER = "registry.portal.sign_in.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
MFA_ADAPTER = "registry.portal.factor_secrets.FactorSecrets"
FACTOR_KEYS = factor_keys(text("FACTOR_KEYS", "" if PRODUCTION else SECRET_KEY), needed=PRODUCTION)
MFA_TOTP_ISSUER = "European Compute-Access Registry"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION
MFA_RECOVERY_CODES_SHOW_ONCE = True
SOCIALACCOUNT_ADAPTER = "registry.portal.authority_login.granted.GrantedOnly"
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True  # of accounts that were granted: see the adapter
SOCIALACCOUNT_PROVIDERS = identity_providers(text("IDENTITY_PROVIDERS", "[]"), production=PRODUCTION)
SESSION_COOKIE_AGE = 8 * 3600
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_HTTPONLY = True
SECURE_COOKIES = BASE_URL.startswith("https:")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_COOKIES
SESSION_COOKIE_NAME = "__Host-session" if SECURE_COOKIES else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE_COOKIES else "csrf"
SECURE_HSTS_SECONDS = 2 * 365 * 86400 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_REFERRER_POLICY = "same-origin"  # without one, browsers send Origin: null and every form is refused
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        **{source: ["'self'"] for source in ("script-src", "style-src", "font-src", "connect-src")},
        "img-src": ["'self'", "data:"],
        "form-action": ["'self'", *origins(SOCIALACCOUNT_PROVIDERS)],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

# Mails: to EMAIL_HOST where one is named, and in production always; else each into a file of var/mail, to be looked at
EMAIL_HOST = text("EMAIL_HOST", "localhost")
EMAIL_PORT = whole_number("EMAIL_PORT", 25)
EMAIL_HOST_USER = text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = text("EMAIL_HOST_PASSWORD", "")
EMAIL_SECURITY = one_of("EMAIL_SECURITY", ("none", "starttls", "tls"), "none")
EMAIL_USE_TLS, EMAIL_USE_SSL = EMAIL_SECURITY == "starttls", EMAIL_SECURITY == "tls"
EMAIL_TIMEOUT = 10
EMAIL_FILE_PATH = VAR / "mail"
EMAIL_BACKEND = text(
    "EMAIL_BACKEND",
    f"django.core.mail.backends.{'smtp' if PRODUCTION or 'EMAIL_HOST' in os.environ else 'filebased'}.EmailBackend",
)
DEFAULT_FROM_EMAIL = SERVER_EMAIL = text("EMAIL_FROM", "European Compute-Access Registry <no-reply@registry.example>")

# Machines: client credentials with private_key_jwt only (RFC 7523), tokens opaque, hashed, short (RFC 9700)
OAUTH2_PROVIDER_APPLICATION_MODEL = "accounts.ApiClient"
BEST_CURRENT_PRACTICE = (
    "TOKEN_STORAGE",
    "PASSWORD_GRANT",
    "IMPLICIT_GRANT",
    "PKCE_METHOD",
    "ACCESS_TOKEN_TRANSPORT",
    "AUTHZ_RESPONSE_ISS",
    "REFRESH_TOKEN",
    "REDIRECT_URI_SCHEME",
)
OAUTH2_PROVIDER = {
    "ACCESS_TOKEN_EXPIRE_SECONDS": 300,
    "OAUTH2_VALIDATOR_CLASS": "registry.accounts.client_assertion.AssertionValidator",
    "SCOPES": {
        "filings:read": "Read your organisation's filings, duties and receipts",
        "filings:write": "File, amend and withdraw for your organisation",
        "receipts:read": "Fetch your organisation's receipts",
        "mandates:manage": "Give, accept and end mandates",
        "organisation:manage": "Read and confirm your organisation's data",
        "webhooks:manage": "Manage your organisation's webhooks and read their delivery log",
    },
    "ALLOWED_GRANT_TYPES": ["client_credentials"],
    **{f"COMPLIANT_BCP_RFC9700_{rule}": True for rule in BEST_CURRENT_PRACTICE},
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],
    "PKCE_REQUIRED": True,
}
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["api.authentication.ClientToken"],
    "DEFAULT_PERMISSION_CLASSES": ["api.authentication.Refuse"],
    "DEFAULT_PARSER_CLASSES": [],  # api.endpoint reads JSON strictly
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "EXCEPTION_HANDLER": "api.problems.handler",
    "DEFAULT_SCHEMA_CLASS": "api.schema.EndpointSchema",
    "UNAUTHENTICATED_USER": None,
    "URL_FORMAT_OVERRIDE": None,
    "COMPACT_JSON": True,
}
# Calls a minute of one client, `public`: of one address (api.throttling). Published in docs/api/limits.md. Outside of
# production they are as good as none, for demonstrations and benches: RATE_WRITES=60 and so on sets one everywhere.
RATES_IN_PRODUCTION = {"tokens": 10, "writes": 60, "reads": 600, "public": 300}
RATES_ELSEWHERE = 1_000  # times as many
RATES = {
    name: whole_number(f"RATE_{name.upper()}", calls if PRODUCTION else calls * RATES_ELSEWHERE)
    for name, calls in RATES_IN_PRODUCTION.items()
}
# Networks or addresses of our own proxies, separated by commas: only from them does X-Forwarded-For tell who calls
TRUSTED_PROXIES = tuple(filter(None, text("TRUSTED_PROXIES", "").split(",")))
SPECTACULAR_SETTINGS = {
    "TITLE": "European Compute-Access Registry",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": ["api.schema.with_document"],
}

# Sealed, and the worker's alone: registry.statistics.parameters
STATISTICS_RULES = text("STATISTICS_RULES", "")
ANALYST_RULES = text("ANALYST_RULES", "")
RELEASE_KEY_FILE = Path(text("RELEASE_KEY_FILE", str(VAR / "release-key.pem")))  # signs releases: the worker's, too

# The largest body read whole: a batch of filings. api.guards holds every other path of the API to much less.
DATA_UPLOAD_MAX_MEMORY_SIZE = 32 * 1024 * 1024

# The worker: nothing that matters lives only in the broker, so a lost or repeated message does no harm
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 120
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = (
    {"visibility_timeout": 300, "socket_timeout": 5, "socket_connect_timeout": 1}
    if CELERY_BROKER_URL.startswith("redis")
    else {}
)
CELERY_TASK_DEFAULT_QUEUE = "ecar"
if CELERY_BROKER_URL.startswith("amqp"):
    CELERY_TASK_DEFAULT_QUEUE_TYPE = "quorum"
    CELERY_BROKER_NATIVE_DELAYED_DELIVERY_QUEUE_TYPE = "quorum"
    CELERY_WORKER_DETECT_QUORUM_QUEUES = True

# Webhooks to this very machine, http and any port: for tests and demonstrations, where no other receiver is at hand
WEBHOOK_ALLOW_LOOPBACK = one_of("WEBHOOK_ALLOW_LOOPBACK", ("0", "1"), "0") == "1"
if WEBHOOK_ALLOW_LOOPBACK and PRODUCTION:
    fail("WEBHOOK_ALLOW_LOOPBACK", "In production no webhook may call the register's own machine: unset it.")

# A sandbox lets clients try with a static key instead of assertions; production never does
SANDBOX_KEYS = one_of("SANDBOX_KEYS", ("0", "1"), "0") == "1"
if SANDBOX_KEYS and PRODUCTION:
    fail("SANDBOX_KEYS", "In production every client signs with its own key: unset it.")

# No locals in tracebacks: they would carry filings into the logs
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer() if PRODUCTION else structlog.dev.ConsoleRenderer(colors=False),
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
)
DJANGO_STRUCTLOG_STATUS_4XX_LOG_LEVEL = logging.INFO
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": text("LOG_LEVEL", "WARNING" if ENVIRONMENT == "test" else "INFO")},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "granian.access": {"level": "WARNING"},
        "django_structlog": {"level": "WARNING"},
    },
}
