-- What the published review prints of itself.
SELECT label, value, note, coalesce(figure, '') FROM reported ORDER BY position
