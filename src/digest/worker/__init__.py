"""From a full outbox to an empty one."""
