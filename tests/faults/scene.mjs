// People on a site who write and listen while harm is done, and the judgement.
//
//   await play({ writers: 8, conversations: 50 }, { web: "apache" }, async (scene) => {
//     await scene.listen(SocketReader, "over a WebSocket")
//     await scene.during(scene.write(500), [1000, 2000], async () => {
//       await scene.site.notifier.kill9()
//       await scene.site.notifier.start()
//     })
//     await scene.judge()             // throws what the checker found
//   })
import { strict as assert } from "node:assert"
import { startSite } from "../lib/site.mjs"
import { until } from "../lib/wait.mjs"
import { check, WELL } from "./checker.mjs"
import { Cutter } from "./cutter.mjs"
import { Ledger } from "./ledger.mjs"
import { readStored } from "./stored.mjs"
import { RestWriter } from "./writers.mjs"

const PASSWORD = "quite-a-long-one"
const CATCH_UP_MS = 30_000

async function call(url, path, body, token) {
  const response = await fetch(`${url}/api/v1${path}`, {
    method: body ? "POST" : "GET",
    headers: { "Content-Type": "application/json", ...(token && { Authorization: `Bearer ${token}` }) },
    body: body && JSON.stringify(body),
  })
  const answer = await response.json()
  assert.ok(response.ok, `${path}: ${JSON.stringify(answer)}`)
  return answer
}

async function register(url, username) {
  const { id } = await call(url, "/users", { username, name: username, password: PASSWORD })
  const { token } = await call(url, "/sessions", { username, password: PASSWORD })
  return { user_id: id, username, token }
}

// A group of everybody given; in the database, before anybody listens.
async function gather(site, people) {
  const ids = people.map(({ user_id }) => user_id).join()
  const [[id]] = await site.sql(
    `INSERT INTO conversations (kind, title, member_count, active_at, created_at)
      VALUES ('group', 'Everybody', ${people.length}, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3));
    SET @id = LAST_INSERT_ID();
    INSERT INTO members (conversation_id, user_id, joined_at)
      SELECT @id, id, UTC_TIMESTAMP(3) FROM users WHERE id IN (${ids});
    SELECT @id`,
  )
  return Number(id)
}

// From the acknowledgement of each message until reader had it, in ms.
export function delays(reader, ledger) {
  const heard = new Map()
  for (const { message_id, at } of reader.connections.flat()) if (!heard.has(message_id)) heard.set(message_id, at)
  return ledger.acknowledged
    .filter(({ message_id }) => heard.has(message_id))
    .map(({ message_id, at }) => heard.get(message_id) - at)
}

class Scene {
  ledger = new Ledger()
  readers = []
  writers = []
  #cutters = []
  #batch = 0

  constructor(site) {
    this.site = site
  }

  async open({ writers, conversations }) {
    const names = Array.from({ length: writers }, (_, index) => `writer${index + 1}`)
    this.people = []
    for (const name of names) this.people.push(await register(this.site.url, name))
    this.listener = await register(this.site.url, "listener")
    this.conversations = []
    for (let number = 1; number <= conversations; number++)
      this.conversations.push(await gather(this.site, [...this.people, this.listener]))
  }

  // From now on.  cutEvery: through a network that is cut so often.
  async listen(Reader, name, { url = this.site.url, user = this.listener, cutEvery = 0, conversation_id } = {}) {
    const cutter = cutEvery ? await Cutter.before(url) : null
    if (cutter) this.#cutters.push(cutter)
    const { event_id } = await call(this.site.url, "/start", null, user.token)
    const reader = new Reader({
      name, url: cutter?.url ?? url, user, conversations: this.conversations, since: event_id, conversation_id,
    })
    this.readers.push(reader)
    await reader.open()
    cutter?.every(cutEvery)
    return reader
  }

  // count messages by each of the people, side by side.  kinds: what they
  // write with, in turn.
  async write(count, { kinds = [RestWriter], url = this.site.url } = {}) {
    const batch = ++this.#batch
    const writers = this.people.map((user, index) =>
      new kinds[index % kinds.length]({ name: `${user.username}-${batch}`, url, user, ledger: this.ledger }))
    this.writers.push(...writers)
    await Promise.all(writers.map((writer) => writer.write(this.conversations, count)))
    for (const writer of writers) writer.close()
  }

  // Do harm once so many more are acknowledged, and again.
  async during(writing, places, harm) {
    writing.catch(() => {}) // it is awaited below
    for (const place of places) {
      await Promise.race([this.ledger.after(place), writing])
      await harm()
    }
    await writing
  }

  // Everybody hears what is written last, so that nothing else is on its way.
  async judge() {
    for (const cutter of this.#cutters) cutter.spare()
    await this.#fence()
    await this.#patiently(async () => {
      const [[unstamped]] = await this.site.sql("SELECT COUNT(*) FROM events WHERE pos IS NULL")
      return unstamped === "0"
    })
    const stored = await readStored((text) => this.site.sql(text))
    await this.#patiently(() => this.readers.every((reader) => hasCaughtUp(reader, stored)))
    const { sent, acknowledged } = this.ledger
    const report = check({ sent, acknowledged, stored, readers: this.readers })
    assert.deepEqual(report.counts, WELL, report.text)
    return `${acknowledged.length} messages, ${this.readers.length} readers; ` +
      `the worst was ${Math.round(this.worstDelay())} ms behind; ${report.text}`
  }

  // What does not come, the checker will name.
  #patiently(check) {
    return until(check, "all of it", CATCH_UP_MS).catch(() => {})
  }

  async #fence() {
    const [user] = this.people
    const writer = new RestWriter({ name: `fence-${++this.#batch}`, url: this.site.url, user, ledger: this.ledger })
    await writer.write(this.conversations, this.conversations.length)
  }

  worstDelay() {
    return Math.max(...this.readers.flatMap((reader) => delays(reader, this.ledger)))
  }

  async close() {
    for (const reader of this.readers) reader.close()
    for (const cutter of this.#cutters) await cutter.close()
  }
}

// size: how many writers and conversations there are; options: of the site.
export async function play(size, options, action) {
  const site = await startSite(options)
  const scene = new Scene(site)
  try {
    await scene.open(size)
    await action(scene)
  } catch (error) {
    for (const part of ["db", "api", "notifier", "notifier2", "web"]) {
      const log = site.log(part).trimEnd().split("\n").slice(-8).join("\n")
      if (log) console.error(`${part}:\n${log}`)
    }
    throw error
  } finally {
    await scene.close()
    await site.stop()
  }
}

function hasCaughtUp({ conversations, cursor }, { events }) {
  const audible = events.filter(({ conversation_id, user_id }) => !user_id && conversations.has(conversation_id))
  return audible.every(({ event_id }) => event_id <= cursor)
}
