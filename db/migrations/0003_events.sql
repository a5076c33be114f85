-- The event log: everything that anybody is to hear of, in the order in which
-- it became visible.

-- One row.  Whoever stamps positions locks it first.
CREATE TABLE event_counter (
	id		TINYINT UNSIGNED NOT NULL PRIMARY KEY,
	head		BIGINT UNSIGNED NOT NULL,	-- the highest position stamped
	floor		BIGINT UNSIGNED NOT NULL	-- the highest position pruned
) ENGINE=InnoDB;

INSERT INTO event_counter (id, head, floor) VALUES (1, 0, 0);

CREATE TABLE events (
	id		BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
	pos		BIGINT UNSIGNED NULL,		-- event_id on the wire; NULL until stamped
	type		VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,	-- as on the wire
	conversation_id	BIGINT UNSIGNED NULL,
	seq		BIGINT UNSIGNED NULL,		-- within the conversation, without a gap
	user_id		BIGINT UNSIGNED NULL,		-- whom alone it is for; NULL: every member
	actor_id	BIGINT UNSIGNED NOT NULL,	-- who did it
	author_id	BIGINT UNSIGNED NULL,		-- whose message it is about
	message_id	BIGINT UNSIGNED NULL,
	no		BIGINT UNSIGNED NULL,		-- the message's; for a mark, last_no
	up_to		BIGINT UNSIGNED NULL,		-- where a mark moved to
	unread_count	BIGINT UNSIGNED NULL,		-- of actor_id, once the mark had moved
	session_id	BIGINT UNSIGNED NULL,		-- the session that ended
	timestamp	DATETIME(3) NOT NULL,		-- as on the wire
	created_at	DATETIME(3) NOT NULL,		-- when the row was written; for pruning
	payload		MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,	-- a JSON object: what the type adds
	UNIQUE KEY events_pos (pos),			-- reading on; and what is not stamped yet
	UNIQUE KEY events_seq (conversation_id, seq),
	KEY events_conversation (conversation_id, pos),	-- replay
	KEY events_user (user_id, pos)			-- replay
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- The notifiers that are running, and until when each is known to live.
CREATE TABLE notifiers (
	id		BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
	name		VARCHAR(255) NOT NULL,		-- host and process, for people
	alive_until	DATETIME(3) NOT NULL,
	KEY notifiers_alive (alive_until)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- Who is connected to which notifier.
CREATE TABLE presence (
	user_id		BIGINT UNSIGNED NOT NULL,
	notifier_id	BIGINT UNSIGNED NOT NULL,
	since		DATETIME(3) NOT NULL,
	PRIMARY KEY (user_id, notifier_id),
	KEY presence_notifier (notifier_id),
	FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
	FOREIGN KEY (notifier_id) REFERENCES notifiers (id) ON DELETE CASCADE
) ENGINE=InnoDB;
