-- Coming and going.  The person's row is locked first, so that of two notifiers
-- that meet the same person in one moment exactly one finds them coming online,
-- or going.

-- p_user is connected to p_notifier.  The result is one row: whether they were
-- connected to no living notifier before.
CREATE PROCEDURE presence_up(
	IN p_user BIGINT UNSIGNED,
	IN p_notifier BIGINT UNSIGNED)
SQL SECURITY INVOKER
MODIFIES SQL DATA
BEGIN
	DECLARE v_user BIGINT UNSIGNED DEFAULT NULL;
	DECLARE v_known BIGINT UNSIGNED DEFAULT 0;
	DECLARE EXIT HANDLER FOR SQLEXCEPTION
	BEGIN
		ROLLBACK;
		RESIGNAL;
	END;

	START TRANSACTION;
	SELECT id INTO v_user FROM users WHERE id = p_user FOR UPDATE;
	SELECT COUNT(*) INTO v_known
	  FROM presence p
	  JOIN notifiers n ON n.id = p.notifier_id
	 WHERE p.user_id = p_user AND n.alive_until > UTC_TIMESTAMP(3);
	INSERT IGNORE INTO presence (user_id, notifier_id, since)
	VALUES (p_user, p_notifier, UTC_TIMESTAMP(3));
	COMMIT;
	SELECT v_known = 0 AS came_online;
END;

-- No longer.  The result is one row: whether they were connected there, and
-- are to no living notifier now; and when they were last seen.
CREATE PROCEDURE presence_down(
	IN p_user BIGINT UNSIGNED,
	IN p_notifier BIGINT UNSIGNED)
SQL SECURITY INVOKER
MODIFIES SQL DATA
BEGIN
	DECLARE v_user BIGINT UNSIGNED DEFAULT NULL;
	DECLARE v_gone BOOLEAN DEFAULT FALSE;
	DECLARE v_left BIGINT UNSIGNED DEFAULT 0;
	DECLARE v_time DATETIME(3) DEFAULT NULL;
	DECLARE EXIT HANDLER FOR SQLEXCEPTION
	BEGIN
		ROLLBACK;
		RESIGNAL;
	END;

	START TRANSACTION;
	SELECT id INTO v_user FROM users WHERE id = p_user FOR UPDATE;
	DELETE FROM presence WHERE user_id = p_user AND notifier_id = p_notifier;
	SET v_gone = ROW_COUNT() > 0;
	SELECT COUNT(*) INTO v_left
	  FROM presence p
	  JOIN notifiers n ON n.id = p.notifier_id
	 WHERE p.user_id = p_user AND n.alive_until > UTC_TIMESTAMP(3);
	IF v_gone AND v_left = 0 THEN
		SET v_time = UTC_TIMESTAMP(3);
		UPDATE users SET last_seen_at = v_time WHERE id = p_user;
	END IF;
	COMMIT;
	SELECT v_time IS NOT NULL AS went_offline, v_time AS last_seen_at;
END;
