// How positions come about, and two ways of getting it wrong.
//
// Writers hold their transactions open for different times, followers of
// different speed hand on what they read, and the checker judges.  The right way passes what the wrong
// ones fail, and those fail it within a few rounds.
import assert from "node:assert/strict"
import { test } from "node:test"
import { check, KINDS, WELL } from "./checker.mjs"
import { Database } from "./database.mjs"

const WRITERS = 8
const MESSAGES = 25 // of each writer, a round
const CONVERSATIONS = 4
const FOLLOWERS = 3
const BATCH = 8 // events at once
const ROUNDS = 10

// A notifier as the database sees it, and all that its one reader hears.
class Follower {
  #run
  #call

  // call is a function from a cursor to the procedure's.
  constructor(run, call, reader) {
    this.#run = run
    this.#call = call
    this.reader = reader
  }

  // How many events there were.
  async follow() {
    const [events] = this.reader.connections
    const rows = await this.#run(`CALL ${this.#call(events.at(-1)?.event_id ?? 0)}`)
    for (const row of rows) events.push(eventOf(row))
    return rows.length
  }
}

function eventOf([, pos, type, conversation_id, seq, , , , message_id, no, ...rest]) {
  return {
    event_id: Number(pos), type, conversation_id: Number(conversation_id), seq: Number(seq),
    message_id: Number(message_id), no: Number(no), message: JSON.parse(rest.at(-1)).message,
  }
}

// Rounds of writing and following until the checker has found something; the
// report of the last.  call is what a follower of a number calls at a cursor.
// Where nothing is wrong, nobody deadlocks; with a fixture they try again.
async function rounds({ fixture, call, position }) {
  const database = await Database.start("slow_send", ...(fixture ? [fixture] : []))
  const open = () => {
    const session = database.session()
    return (statement) => (fixture ? session.runAgain(statement) : session.run(statement))
  }
  try {
    const { users, conversations } = await database.populate({ people: WRITERS, conversations: CONVERSATIONS })
    const followers = Array.from({ length: FOLLOWERS }, (_, index) => new Follower(open(), call(index), {
      name: `follower ${index + 1}`, user_id: users[0], conversations: new Set(conversations), since: 0,
      connections: [[]],
    }))
    const writers = users.map(open)
    const sent = []
    const acknowledged = []

    // Held for 0 to 12 ms, each writer in another order.
    const write = async (run, index, round) => {
      for (let number = 1; number <= MESSAGES; number++) {
        const client_id = `${round}-${index}-${number}`
        const conversation_id = conversations[(index + number) % CONVERSATIONS]
        const hold_ms = ((index + 1) * number * 5) % 13
        sent.push({ client_id, conversation_id, message: client_id })
        const [[message_id, no]] = await run(
          `CALL slow_send(${users[index]}, ${conversation_id}, '${client_id}', '${client_id}', ${hold_ms})`)
        acknowledged.push({ client_id, conversation_id, message_id: Number(message_id), no: Number(no) })
      }
    }
    // What is committed by then is there to be read.
    const follow = async (follower, isOver) => {
      for (let over = false; ;) {
        const was = over || isOver()
        if ((await follower.follow()) === 0 && was) return
        over = was
      }
    }

    for (let round = 1; ; round++) {
      let over = false
      const writing = Promise.all(writers.map((run, index) => write(run, index, round))).finally(() => (over = true))
      await Promise.all([writing, ...followers.map((follower) => follow(follower, () => over))])
      const report = check({
        sent, acknowledged, stored: await database.stored(position), readers: followers.map(({ reader }) => reader),
      })
      if (round === ROUNDS || KINDS.some((kind) => report.counts[kind] > 0)) return { ...report, round }
    }
  } finally {
    await database.stop()
  }
}

test("any number of followers that stamp as they should change nothing", async (t) => {
  const { counts, text, round } = await rounds({ call: () => (cursor) => `events_follow(${cursor}, 0, ${BATCH})` })
  t.diagnostic(`${round} rounds: ${text}`)
  assert.deepEqual(counts, WELL, text)
})

test("a follower that reads id > last loses what commits late, and is caught", async (t) => {
  const { counts, text, round } = await rounds({
    fixture: "follow_by_id", call: () => (cursor) => `follow_by_id(${cursor}, ${BATCH})`, position: "id",
  })
  t.diagnostic(`round ${round}: ${text}`)
  assert.ok(counts.lost > 0, text)
  assert.deepEqual({ ...counts, lost: 0 }, WELL, text)
})

test("stampers that choose rows by SKIP LOCKED break the order, and are caught", async (t) => {
  const { counts, text, round } = await rounds({
    fixture: "follow_skip_locked",
    call: (number) => (cursor) => `follow_skip_locked(${cursor}, ${BATCH}, ${5 * number})`,
  })
  t.diagnostic(`round ${round}: ${text}`)
  // Out of order in the log mostly, and now and then never heard for it.
  assert.ok(counts.disordered + counts.lost > 0, text)
})
