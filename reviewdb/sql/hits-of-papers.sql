-- The records of some papers, without those that only tell more of another one.
SELECT records.*
FROM paper_records JOIN records ON records.id = record_id
WHERE paper_id IN (SELECT value FROM json_each(:ids)) AND about IS NULL
ORDER BY records.id
