-- The links that hold between records of the study of one record (?).
WITH study (record_id) AS (
  SELECT paper_records.record_id
  FROM papers JOIN paper_records ON paper_records.paper_id = papers.id
  WHERE papers.study_id = (
    SELECT study_id FROM papers JOIN paper_records ON paper_id = papers.id WHERE record_id = ?
  )
)
SELECT * FROM links WHERE NOT cut AND a IN (SELECT record_id FROM study) AND b IN (SELECT record_id FROM study)
