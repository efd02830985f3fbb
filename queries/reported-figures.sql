-- title: What the published review reports of itself
-- description: The figures that the protocol lists as reported, as they are printed, with what is known of each. They are words
-- of the published review, not figures of this one.
SELECT label, value AS printed, figure, note
FROM reported
ORDER BY position
