"""The tables of the scores in SQLite."""

# A day's challenge belongs to no room: `shown` says in which ones it counts, and whether their
# owner has reset them since.
SCHEMA = """
CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS players (
    id TEXT PRIMARY KEY, nickname TEXT NOT NULL DEFAULT '', created REAL NOT NULL);
CREATE TABLE IF NOT EXISTS sets (
    id INTEGER PRIMARY KEY, player TEXT NOT NULL, mode TEXT NOT NULL, deck TEXT NOT NULL,
    room TEXT NOT NULL, day TEXT NOT NULL, started REAL NOT NULL, finished REAL);
CREATE INDEX IF NOT EXISTS sets_of_player ON sets (player, mode, deck, room);
CREATE INDEX IF NOT EXISTS sets_of_room ON sets (room);
CREATE TABLE IF NOT EXISTS answers (
    set_id INTEGER NOT NULL REFERENCES sets ON DELETE CASCADE, number INTEGER NOT NULL,
    correct INTEGER NOT NULL, said TEXT NOT NULL, truth TEXT NOT NULL, sure INTEGER,
    seconds REAL NOT NULL, streak INTEGER NOT NULL, made_by TEXT NOT NULL, fooled_by BLOB,
    PRIMARY KEY (set_id, number)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS second_looks (
    set_id INTEGER NOT NULL REFERENCES sets ON DELETE CASCADE, number INTEGER NOT NULL,
    first TEXT NOT NULL, verdict TEXT NOT NULL, probability REAL,
    PRIMARY KEY (set_id, number)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS streaks (
    player TEXT NOT NULL, mode TEXT NOT NULL, streak INTEGER NOT NULL,
    PRIMARY KEY (player, mode)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rooms (code TEXT PRIMARY KEY, owner TEXT NOT NULL, opened REAL NOT NULL);
CREATE TABLE IF NOT EXISTS removed (
    room TEXT NOT NULL REFERENCES rooms ON DELETE CASCADE, player TEXT NOT NULL,
    nickname TEXT NOT NULL, PRIMARY KEY (room, player)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS shown (
    room TEXT NOT NULL REFERENCES rooms ON DELETE CASCADE,
    set_id INTEGER NOT NULL REFERENCES sets ON DELETE CASCADE,
    reset INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (room, set_id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS shown_sets ON shown (set_id);
CREATE VIEW IF NOT EXISTS room_sets AS
    SELECT room, id AS set_id FROM sets WHERE room != ''
    UNION ALL SELECT room, set_id FROM shown WHERE reset = 0;
CREATE INDEX IF NOT EXISTS sets_unfinished ON sets (started) WHERE finished IS NULL;
"""
