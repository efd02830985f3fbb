-- The citation key of the paper of each record.
SELECT record_id, key FROM paper_records JOIN papers ON papers.id = paper_id
