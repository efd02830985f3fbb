-- Where papers stand, as reviewdb/flow.py takes it: those of a study that has several, one by one, and of all others how many
-- stand alike. Coders who exclude for different reasons agree on none of them.
WITH
standing AS (
  SELECT
    id,
    study_id IN (SELECT id FROM studies WHERE papers > 1) AS has_others,
    study_id,
    status,
    coalesce(stage, '') AS stage,
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
    END AS reason,
    -- Of most papers the search that found them first says so, which costs less than to ask for all that did.
    CASE
      WHEN search_id IN (SELECT id FROM searches WHERE kind = 'search') THEN 1
      ELSE EXISTS (
        SELECT 1
        FROM paper_records
        JOIN records ON records.id = paper_records.record_id
        JOIN searches ON searches.id = records.search_id
        WHERE paper_records.paper_id = papers.id AND records.about IS NULL AND searches.kind = 'search'
      )
    END AS in_databases
  FROM papers
  JOIN paper_arrivals ON paper_arrivals.paper_id = papers.id
)
SELECT
  iif(has_others, id, '') AS paper,
  iif(has_others, study_id, '') AS study,
  status,
  stage,
  reason,
  in_databases,
  count(*) AS papers
FROM standing
GROUP BY 1, 2, 3, 4, 5, 6
ORDER BY 1, 2, 3, 4, 5, 6
