-- What people say of other records of the two papers that :a and :b are in.
WITH mine (record_id) AS (
  SELECT record_id
  FROM paper_records
  WHERE paper_id = (SELECT paper_id FROM paper_records WHERE record_id = :a)
),
theirs (record_id) AS (
  SELECT record_id
  FROM paper_records
  WHERE paper_id = (SELECT paper_id FROM paper_records WHERE record_id = :b)
    AND record_id NOT IN (SELECT record_id FROM mine)
)
SELECT links.*
FROM links
WHERE rule = 'ruling'
  AND (a, b) <> (:a, :b)
  AND (
    (a IN (SELECT record_id FROM mine) AND b IN (SELECT record_id FROM theirs))
    OR (a IN (SELECT record_id FROM theirs) AND b IN (SELECT record_id FROM mine))
  )
ORDER BY a, b
