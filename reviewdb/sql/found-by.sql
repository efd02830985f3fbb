-- The searches that found a paper, the best place of each.
SELECT searches.query, searches.source, searches.kind, min(records.rank)
FROM paper_records
JOIN records ON records.id = record_id
JOIN searches ON searches.id = search_id
WHERE paper_id = ? AND searches.kind <> 'enrichment'
GROUP BY searches.id
ORDER BY searches.date, searches.id
