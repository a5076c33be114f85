// Procedures that many call at once keep out of each other's way: no deadlock,
// after which a caller would have to try again.
import assert from "node:assert/strict"
import { test } from "node:test"
import { Database } from "./database.mjs"

const SESSIONS = 8
const CALLS = 20 // by each

// call(index, number) is what the session of that index calls; what was
// answered, in any order.
async function crowd(database, call) {
  const sessions = Array.from({ length: SESSIONS }, () => database.session())
  const answers = sessions.map(async (session, index) => {
    const rows = []
    for (let number = 0; number < CALLS; number++) rows.push(...(await session.run(`CALL ${call(index, number)}`)))
    return rows
  })
  return (await Promise.all(answers)).flat()
}

async function withDatabase(action) {
  const database = await Database.start()
  try {
    await action(database)
  } finally {
    await database.stop()
  }
}

test("people register side by side", () =>
  withDatabase(async (database) => {
    const answers = await crowd(database, (index, number) => {
      const username = `person${index}-${number}`
      return `user_create('${username}', '${number % 2 ? username : "Ada King of Lovelace"}', NULL, 'x', NULL)`
    })
    assert.deepEqual([...new Set(answers.map(([outcome]) => outcome))], ["made"])
  }))

test("people write to each other for the first time, from both sides", () =>
  withDatabase(async (database) => {
    const { users } = await database.populate({ people: CALLS + 1, conversations: 0 })
    const [one, ...others] = users
    const answers = await crowd(database, (index, number) => {
      const pair = index % 2 ? [one, others[number]] : [others[number], one]
      return `conversation_direct(${pair.join(", ")}, '', '', NULL, NULL, '', NULL, NULL)`
    })
    assert.equal(answers.filter(([outcome]) => outcome === "made").length, CALLS)
    assert.equal(answers.filter(([outcome]) => outcome === "found").length, (SESSIONS - 1) * CALLS)
    assert.equal(new Set(answers.map(([, id]) => id)).size, CALLS)
  }))

test("marks move while messages are sent", () =>
  withDatabase(async (database) => {
    const { users, conversations } = await database.populate({ people: SESSIONS, conversations: 2 })
    await crowd(database, (index, number) => {
      const conversation = conversations[number % 2]
      return index % 2
        ? `message_send(${users[index]}, ${conversation}, NULL, '', '', NULL, NULL, 'hello', NULL, '${index}-${number}', NULL, 0, '{}')`
        : `conversation_mark(${users[index]}, ${conversation}, 'read', ${number * 4}, 50)`
    })
    const counts = await database.sql(
      "SELECT last_no, event_seq, (SELECT COUNT(*) FROM events e WHERE e.conversation_id = c.id) FROM conversations c",
    )
    for (const [last_no, event_seq, events] of counts) {
      assert.equal(Number(last_no), (SESSIONS / 2) * (CALLS / 2))
      assert.equal(event_seq, events)
    }
  }))
