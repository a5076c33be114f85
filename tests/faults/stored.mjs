// What the database holds, for the checker.
//
// sql is a function from a statement to rows of strings.  position names the
// column that clients get as event_id.

const number = (field) => (field === "NULL" ? null : Number(field))

export async function readStored(sql, { position = "pos" } = {}) {
  const conversations = await sql("SELECT id, last_no, event_seq FROM conversations ORDER BY id")
  const messages = await sql("SELECT id, conversation_id, no, seq, client_id, text FROM messages ORDER BY id")
  const events = await sql(
    `SELECT ${position}, type, conversation_id, seq, user_id, message_id, no FROM events` +
      " WHERE type <> 'session_ended' ORDER BY id",
  )
  const counter = position === "pos" ? "SELECT head FROM event_counter" : `SELECT MAX(${position}) FROM events`
  const [[head]] = await sql(counter)
  return {
    head: number(head),
    conversations: conversations.map(([id, last_no, event_seq]) => ({
      conversation_id: number(id), last_no: number(last_no), event_seq: number(event_seq),
    })),
    messages: messages.map(([id, conversation_id, no, seq, client_id, message]) => ({
      message_id: number(id), conversation_id: number(conversation_id), no: number(no), seq: number(seq),
      client_id, message,
    })),
    events: events.map(([event_id, type, conversation_id, seq, user_id, message_id, no]) => ({
      event_id: number(event_id), type, conversation_id: number(conversation_id), seq: number(seq),
      user_id: number(user_id), message_id: number(message_id), no: number(no),
    })),
  }
}
