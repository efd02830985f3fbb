-- Every paper, with where it stands at one stage.
-- :stage  the stage
-- :coder  whose own answers come before what coders agree on, or ''
-- :blind  1: others' answers do not count
-- label: 1 included, 0 excluded, NULL not known. reached: included at every earlier stage. open: still to be answered by
-- the coder. since: when a person first answered.
WITH
  stages AS (
    SELECT id FROM questions
    WHERE kind = 'stage' AND position <= (SELECT position FROM questions WHERE id = :stage)
  ),
  own AS (
    SELECT paper_id, question_id,
      CASE WHEN answer = 'include' THEN 1 WHEN answer LIKE 'exclude%' THEN 0 END AS label
    FROM current_decisions
    WHERE coder = :coder AND question_id IN (SELECT id FROM stages)
  ),
  said AS (
    SELECT paper_id, question_id, label FROM own
    UNION ALL
    SELECT paper_id, question_id, code = 'include'
    FROM paper_codes
    WHERE NOT :blind AND status = 'coded' AND code IN ('include', 'exclude')
      AND question_id IN (SELECT id FROM stages)
      AND (paper_id, question_id) NOT IN (SELECT paper_id, question_id FROM own)
  ),
  passed AS (
    SELECT paper_id, count(*) AS stages FROM said WHERE label = 1 AND question_id <> :stage GROUP BY paper_id
  ),
  answered AS (
    SELECT paper_id, min(at) AS since
    FROM decisions JOIN paper_records USING (record_id)
    WHERE question_id = :stage AND coder NOT LIKE 'rule:%'
    GROUP BY paper_id
  )
SELECT papers.id, papers.key, papers.title, coalesce(papers.abstract, ''),
  said.label,
  coalesce(passed.stages, 0) = (SELECT count(*) FROM stages) - 1 AS reached,
  own.paper_id IS NULL AND (:blind OR papers.status = 'pending' AND papers.stage = :stage) AS open,
  coalesce(answered.since, '')
FROM papers
LEFT JOIN said ON said.paper_id = papers.id AND said.question_id = :stage
LEFT JOIN own ON own.paper_id = papers.id AND own.question_id = :stage
LEFT JOIN passed ON passed.paper_id = papers.id
LEFT JOIN answered ON answered.paper_id = papers.id
ORDER BY papers.id
