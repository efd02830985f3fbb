DELETE FROM decisions WHERE coder = :coder AND record_id IN (SELECT value FROM json_each(:ids))
