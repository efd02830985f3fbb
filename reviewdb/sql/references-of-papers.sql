-- What sources said of some papers besides the fields of papers, that of the record which gave the venue first.
-- :ids  a JSON array of their ids
SELECT
  paper_records.paper_id,
  records.extra,
  -- The record that gave the authors had not all of them.
  EXISTS (SELECT 1 FROM json_each(records.cut) AS cut WHERE cut.value = 'authors') AND (
    NOT EXISTS (SELECT 1 FROM paper_fields WHERE paper_fields.paper_id = paper_records.paper_id)
    OR EXISTS (
      SELECT 1
      FROM paper_fields
      WHERE paper_fields.paper_id = paper_records.paper_id AND record_id = records.id AND field = 'authors'
    )
  ) AS goes_on
FROM json_each(:ids) AS wanted
JOIN paper_records ON paper_records.paper_id = wanted.value
JOIN records ON records.id = paper_records.record_id
LEFT JOIN paper_fields AS gave
  ON gave.paper_id = paper_records.paper_id AND gave.record_id = records.id AND gave.field = 'venue'
WHERE records.extra <> '{}' OR records.cut <> '[]'
ORDER BY paper_records.paper_id, gave.record_id IS NULL, records.id
