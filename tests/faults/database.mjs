// A database alone, migrated, with nobody in it but who the test brings.
import { readFileSync } from "node:fs"
import { freePort, Site } from "../lib/site.mjs"
import { SqlSession } from "./sql_session.mjs"
import { readStored } from "./stored.mjs"

export class Database {
  #site = new Site()
  #sessions = []
  #abandon = () => this.#site.abandon()

  static async start(...fixtures) {
    const database = new Database()
    await database.#start(fixtures)
    return database
  }

  async #start(fixtures) {
    process.once("exit", this.#abandon)
    this.#site.settings = {}
    this.#site.port = await freePort()
    await this.#site.database.start()
    await this.#site.tidings("migrate")
    for (const name of fixtures) {
      const text = readFileSync(new URL(`fixtures/${name}.sql`, import.meta.url), "utf8")
      await this.sql(`DELIMITER $$\n${text}$$`)
    }
  }

  sql(text) {
    return this.#site.sql(text)
  }

  // Waits for locks no longer than the programs do.
  session() {
    const session = new SqlSession(this.#site.env.TIDINGS_DB_SOCKET, "SET innodb_lock_wait_timeout = 2")
    this.#sessions.push(session)
    return session
  }

  // Groups of so many people each; none of them can log in.
  async populate({ conversations, people }) {
    const now = "UTC_TIMESTAMP(3)"
    for (let number = 1; number <= people; number++)
      await this.sql(`INSERT INTO users (username, name, created_at) VALUES ('person${number}', 'Person', ${now})`)
    for (let number = 1; number <= conversations; number++)
      await this.sql(
        `INSERT INTO conversations (kind, member_count, active_at, created_at)
          VALUES ('group', ${people}, ${now}, ${now});
        INSERT INTO members (conversation_id, user_id, joined_at) SELECT LAST_INSERT_ID(), id, ${now} FROM users`,
      )
    const ids = async (table) => (await this.sql(`SELECT id FROM ${table} ORDER BY id`)).map(([id]) => Number(id))
    return { users: await ids("users"), conversations: await ids("conversations") }
  }

  stored(position) {
    return readStored((text) => this.sql(text), { position })
  }

  async stop() {
    for (const session of this.#sessions) await session.close()
    process.off("exit", this.#abandon)
    await this.#site.stop()
  }
}
