"""Sign-in of authorities' people through EU Login and the identity providers of Member States (OpenID Connect).

allauth carries the code flow with PKCE and state; what it leaves out is added here: nonce, signature in every case,
`azp`, `acr` where demanded, the identifier's domain, and that nobody comes in who was not granted an account.
"""
