"""Self-hosted newsletter digest mailer."""
