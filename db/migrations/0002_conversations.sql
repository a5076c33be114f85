-- What people say to each other.

CREATE TABLE conversations (
	id		BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
	kind		ENUM('direct', 'group') NOT NULL,
	direct_low	BIGINT UNSIGNED NULL,		-- the two people of a direct one,
	direct_high	BIGINT UNSIGNED NULL,		-- smaller id first; NULL for a group
	topic_type	VARBINARY(256) NOT NULL DEFAULT '',	-- '': no topic
	topic_id	VARBINARY(256) NOT NULL DEFAULT '',
	topic_title	VARCHAR(200) NULL,
	topic_url	VARCHAR(2000) NULL,
	title		VARCHAR(200) NULL,
	visibility	ENUM('private', 'public') NOT NULL DEFAULT 'private',
	organisation	VARBINARY(256) NOT NULL DEFAULT '',
	member_count	INT UNSIGNED NOT NULL DEFAULT 0,
	last_no		BIGINT UNSIGNED NOT NULL DEFAULT 0,	-- messages so far
	event_seq	BIGINT UNSIGNED NOT NULL DEFAULT 0,	-- events so far
	active_at	DATETIME(3) NOT NULL,		-- the last message, else the making
	created_at	DATETIME(3) NOT NULL,
	UNIQUE KEY conversations_direct (direct_low, direct_high, topic_type, topic_id),	-- one for each pair and topic; NULLs don't collide
	KEY conversations_topic (topic_type, topic_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE members (
	conversation_id	BIGINT UNSIGNED NOT NULL,
	user_id		BIGINT UNSIGNED NOT NULL,
	role		ENUM('member', 'admin', 'owner') NOT NULL DEFAULT 'member',
	read_no		BIGINT UNSIGNED NOT NULL DEFAULT 0,
	delivered_no	BIGINT UNSIGNED NOT NULL DEFAULT 0,
	muted_until	DATETIME(3) NULL,
	joined_at	DATETIME(3) NOT NULL,
	PRIMARY KEY (conversation_id, user_id),
	KEY members_user (user_id, conversation_id),	-- one's list
	FOREIGN KEY (conversation_id) REFERENCES conversations (id) ON DELETE CASCADE,
	FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE=InnoDB;

CREATE TABLE messages (
	id		BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
	conversation_id	BIGINT UNSIGNED NOT NULL,
	no		BIGINT UNSIGNED NOT NULL,	-- from 1, without a gap
	seq		BIGINT UNSIGNED NOT NULL,	-- of the chat_message event
	sender_id	BIGINT UNSIGNED NOT NULL,	-- no foreign key: it would lock the sender's row for each message
	type		ENUM('text', 'file', 'system') NOT NULL DEFAULT 'text',
	text		TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci NULL,	-- NULL once deleted
	reply_to	BIGINT UNSIGNED NULL,		-- a message of the same conversation
	client_id	VARBINARY(256) NULL,
	client_hash	BINARY(32) NULL,		-- what client_id was first used for
	created_at	DATETIME(3) NOT NULL,
	edited_at	DATETIME(3) NULL,
	deleted_at	DATETIME(3) NULL,
	UNIQUE KEY messages_no (conversation_id, no),	-- pages of history
	UNIQUE KEY messages_client (sender_id, client_id),	-- sending again is safe
	FOREIGN KEY (conversation_id) REFERENCES conversations (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- The rate of messages, one row a person, made with the person (GCRA: the
-- time at which the bucket will be full again).
CREATE TABLE message_rates (
	user_id		BIGINT UNSIGNED NOT NULL PRIMARY KEY,
	full_at		DATETIME(6) NOT NULL,
	FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE=InnoDB;

-- What an Idempotency-Key was used for; written with what it made.
CREATE TABLE idempotency_keys (
	user_id		BIGINT UNSIGNED NOT NULL,
	route		VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	idempotency_key	VARBINARY(1020) NOT NULL,
	body_hash	BINARY(32) NOT NULL,
	status		SMALLINT UNSIGNED NOT NULL,	-- the first answer's
	made_id		BIGINT UNSIGNED NOT NULL,	-- the id of what it made
	created_at	DATETIME(3) NOT NULL,
	PRIMARY KEY (user_id, route, idempotency_key),
	KEY idempotency_keys_time (created_at),		-- kept for a day
	FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE=InnoDB;
