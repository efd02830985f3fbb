-- Where each paper stands, as reviewdb/flow.py takes it. Coders who exclude for different reasons agree on none of them.
SELECT
  id,
  study_id,
  status,
  coalesce(stage, ''),
  CASE
    WHEN status <> 'excluded' THEN ''
    WHEN reason IS NOT NULL THEN reason
    WHEN EXISTS (
      SELECT 1
      FROM paper_codes
      WHERE paper_codes.paper_id = papers.id
        AND paper_codes.question_id = papers.stage
        AND paper_codes.status = 'contested'
        AND paper_codes.code LIKE 'exclude.%'
    ) THEN 'not-agreed'
    ELSE 'no-reason'
  END
FROM papers
ORDER BY id
