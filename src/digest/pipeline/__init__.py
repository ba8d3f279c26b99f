"""From sources to a full outbox.  Calls the stages in order and opens the transactions; decides nothing itself."""
