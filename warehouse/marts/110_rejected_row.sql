-- Every record that was read and not taken, with the reason.
SELECT
    r.load_key, -- The load
    l.path, -- The file
    r.line, -- Line of the file (or row of the sheet)
    r."column", -- The file's own header of the bad value, where it is one value
    r.code, -- Stable code of the reason
    r.reason, -- The reason in words
    r.raw -- The record as read
FROM landing.rejected_row r
JOIN landing.load l ON l.load_key = r.load_key
