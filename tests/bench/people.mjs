// Who takes part: readers, in conversations of two and in one large group,
// put straight into the database, since a thousand log-ins are not the point.

import { writeFileSync } from "node:fs"
import { join } from "node:path"

export const READERS = 5000
export const PAIRS = 1000

const GROUP = PAIRS + 1
const BASE = 100_000 // users' ids; below are those that the site has already

// As long as a real one; the site is thrown away, and was on this machine only.
const token = (reader) => `${String(reader).padStart(10, "0")}${"A".repeat(33)}`

// Reader n is user BASE + n; the one after the last posts to the group and
// reads nothing.
const sql = `
  INSERT INTO users (id, username, name, created_at)
    SELECT ${BASE} + seq, CONCAT('reader', seq), CONCAT('Reader ', seq), UTC_TIMESTAMP(3)
      FROM seq_1_to_${READERS + 1};
  INSERT INTO sessions (user_id, token_hash, created_at, last_used_at, expires_at, address, user_agent)
    SELECT ${BASE} + seq, UNHEX(SHA2(CONCAT(LPAD(seq, 10, '0'), REPEAT('A', 33)), 256)),
           UTC_TIMESTAMP(3), UTC_TIMESTAMP(3), UTC_TIMESTAMP(3) + INTERVAL 30 DAY, '127.0.0.1', 'bench'
      FROM seq_1_to_${READERS + 1};
  INSERT INTO conversations (id, kind, direct_low, direct_high, member_count, active_at, created_at)
    SELECT seq, 'direct', ${BASE} + seq, ${BASE + PAIRS} + seq, 2, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3)
      FROM seq_1_to_${PAIRS};
  INSERT INTO conversations (id, kind, title, member_count, active_at, created_at)
    VALUES (${GROUP}, 'group', 'Everybody', ${READERS + 1}, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3));
  INSERT INTO members (conversation_id, user_id, joined_at)
    SELECT seq, ${BASE} + seq, UTC_TIMESTAMP(3) FROM seq_1_to_${PAIRS};
  INSERT INTO members (conversation_id, user_id, joined_at)
    SELECT seq, ${BASE + PAIRS} + seq, UTC_TIMESTAMP(3) FROM seq_1_to_${PAIRS};
  INSERT INTO members (conversation_id, user_id, joined_at)
    SELECT ${GROUP}, ${BASE} + seq, UTC_TIMESTAMP(3) FROM seq_1_to_${READERS + 1};`

export const fill = (site, database) => site.sql(`USE ${database}; ${sql}`)

// The files that tell the programs who is who (tests/bench/seats.h).
export function writeSeats(dir) {
  const numbers = (count) => Array.from({ length: count }, (_, index) => index + 1)
  const first = numbers(PAIRS).map((n) => `${n} ${token(n)}`)
  const second = numbers(PAIRS).map((n) => `${n} ${token(PAIRS + n)}`)
  const files = {
    group: numbers(READERS).map((n) => `${GROUP} ${token(n)}`),
    groupPosters: [`${GROUP} ${token(READERS + 1)}`],
    pairs: [...first, ...second],
    pairPosters: first,
  }
  const paths = {}
  for (const [name, lines] of Object.entries(files)) {
    paths[name] = join(dir, `${name}.seats`)
    writeFileSync(paths[name], `${lines.join("\n")}\n`)
  }
  return paths
}
