-- What a paper must satisfy, in the order of the protocol.
SELECT stage, reason, text, coalesce(rule, '') AS rule
FROM criteria
ORDER BY position
