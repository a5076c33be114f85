-- Who there is, and how they prove it.
--
-- Every time is UTC with milliseconds; sessions run with time_zone '+00:00'.
-- Names that programs give are VARBINARY: UTF-8 compared byte by byte, since
-- every collation that both MariaDB and MySQL have ignores blanks at the end.
-- Every secret is stored as its SHA-256 (tokens) or as Argon2id (passwords).

CREATE TABLE users (
	id		BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
	username	VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	name		VARCHAR(100) NOT NULL,
	email		VARCHAR(254) NULL,
	password_hash	VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NULL,	-- NULL: cannot log in with one
	organisation	VARBINARY(256) NOT NULL DEFAULT '',	-- the tenant, by its very bytes; '' is one too
	role		ENUM('user', 'admin') NOT NULL DEFAULT 'user',
	status		ENUM('active', 'disabled') NOT NULL DEFAULT 'active',
	kind		ENUM('person', 'key') NOT NULL DEFAULT 'person',	-- an API key acts as a user of its own
	last_seen_at	DATETIME(3) NULL,
	created_at	DATETIME(3) NOT NULL,
	UNIQUE KEY users_username (username),
	KEY users_role (role, kind)			-- "is there an administrator yet?"
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- The username and every word of the name, for finding people by the start
-- of either.  Filled for people only.
CREATE TABLE user_words (
	organisation	VARBINARY(256) NOT NULL,
	word		VARCHAR(100) NOT NULL,
	user_id		BIGINT UNSIGNED NOT NULL,
	PRIMARY KEY (organisation, word, user_id),
	KEY user_words_user (user_id),			-- when the name changes
	FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE sessions (
	id		BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
	user_id		BIGINT UNSIGNED NOT NULL,
	token_hash	BINARY(32) NOT NULL,
	created_at	DATETIME(3) NOT NULL,
	last_used_at	DATETIME(3) NOT NULL,		-- written at most once a minute
	expires_at	DATETIME(3) NOT NULL,
	address		VARCHAR(45) CHARACTER SET ascii NOT NULL,
	user_agent	VARCHAR(255) NOT NULL,
	UNIQUE KEY sessions_token (token_hash),
	KEY sessions_user (user_id, id),		-- one's own list
	KEY sessions_expiry (expires_at),		-- sweeping
	FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

CREATE TABLE api_keys (
	id		BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
	user_id		BIGINT UNSIGNED NOT NULL,	-- whom it acts as: a user of kind 'key'
	name		VARCHAR(100) NOT NULL,
	token_hash	BINARY(32) NOT NULL,
	scopes		VARCHAR(255) CHARACTER SET ascii NOT NULL,	-- space-separated; '*' is every scope
	created_at	DATETIME(3) NOT NULL,
	UNIQUE KEY api_keys_token (token_hash),
	KEY api_keys_user (user_id),
	FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- A credential for one stream, where no header can be set.
CREATE TABLE tickets (
	token_hash	BINARY(32) NOT NULL PRIMARY KEY,
	session_id	BIGINT UNSIGNED NULL,		-- the session that asked,
	api_key_id	BIGINT UNSIGNED NULL,		-- or the API key
	expires_at	DATETIME(3) NOT NULL,
	KEY tickets_expiry (expires_at),
	KEY tickets_session (session_id),
	KEY tickets_api_key (api_key_id),
	FOREIGN KEY (session_id) REFERENCES sessions (id) ON DELETE CASCADE,
	FOREIGN KEY (api_key_id) REFERENCES api_keys (id) ON DELETE CASCADE
) ENGINE=InnoDB;

CREATE TABLE invitations (
	id		BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
	token_hash	BINARY(32) NOT NULL,
	role		ENUM('user', 'admin') NOT NULL DEFAULT 'user',
	organisation	VARBINARY(256) NOT NULL DEFAULT '',
	uses_left	INT UNSIGNED NOT NULL,
	created_by	BIGINT UNSIGNED NULL,		-- NULL: made in a shell
	created_at	DATETIME(3) NOT NULL,
	expires_at	DATETIME(3) NOT NULL,
	UNIQUE KEY invitations_token (token_hash),
	KEY invitations_expiry (expires_at),
	KEY invitations_creator (created_by),
	FOREIGN KEY (created_by) REFERENCES users (id) ON DELETE SET NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;

-- One row for each log-in that is under way or failed; a success takes its
-- row away again.  Written before the password is looked at, so that many at
-- once count as many.
CREATE TABLE login_attempts (
	id		BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
	account		VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,	-- as typed, folded, cut; it need not exist
	address		VARCHAR(45) CHARACTER SET ascii NOT NULL,
	attempted_at	DATETIME(3) NOT NULL,
	KEY login_attempts_account (account, attempted_at),
	KEY login_attempts_address (address, attempted_at),
	KEY login_attempts_time (attempted_at)		-- sweeping
) ENGINE=InnoDB;
