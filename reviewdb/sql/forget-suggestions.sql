-- Forget what rules said of papers: of decisions, :coder names whose.
DELETE FROM decisions WHERE coder = :coder AND record_id IN (SELECT value FROM json_each(:ids))
