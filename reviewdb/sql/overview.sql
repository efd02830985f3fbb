-- Where the review stands: how many there are of what.
SELECT 'searches' AS what, count(*) AS n FROM searches WHERE kind <> 'enrichment'
UNION ALL
SELECT 'unfinished searches', count(*)
FROM searches JOIN pages AS last ON last.search_id = searches.id
WHERE searches.kind = 'search'
  AND last.number = (SELECT max(number) FROM pages WHERE search_id = searches.id)
  AND last.next IS NOT NULL AND last.number < coalesce(json_extract(parameters, '$.pages'), 1000000000)
UNION ALL SELECT 'records', (SELECT count(*) FROM records) - (SELECT count(*) FROM records WHERE about IS NOT NULL)
UNION ALL SELECT 'papers', count(*) FROM papers
UNION ALL SELECT 'studies', count(*) FROM studies
UNION ALL SELECT 'included', count(*) FROM papers WHERE status = 'included'
UNION ALL SELECT 'excluded', count(*) FROM papers WHERE status = 'excluded'
UNION ALL SELECT 'contested', count(*) FROM papers WHERE status = 'contested'
UNION ALL SELECT 'pending', count(*) FROM papers WHERE status = 'pending'
UNION ALL SELECT 'doubtful pairs', count(*) FROM doubtful_pairs
UNION ALL SELECT 'decisions', count(*) FROM decisions WHERE coder NOT LIKE 'rule:%'
UNION ALL SELECT 'coders', count(DISTINCT coder) FROM decisions WHERE coder NOT LIKE 'rule:%'
UNION ALL
SELECT 'suggestions', count(*)
FROM paper_codes
WHERE question_id IN (SELECT id FROM questions WHERE kind <> 'stage') AND status = 'suggested' AND NOT implied
  AND paper_id NOT IN (SELECT id FROM papers WHERE status = 'excluded')
UNION ALL
-- Hardly ever was a code split, and to look at all decisions for one takes long.
SELECT 'open again', CASE WHEN EXISTS (SELECT 1 FROM decisions WHERE reopened) THEN (SELECT count(*) FROM open_again) ELSE 0 END
UNION ALL
SELECT 'conflicts', count(*)
FROM (SELECT DISTINCT paper_id, question_id FROM current_decisions WHERE contested)
