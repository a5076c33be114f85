// Every text that a person reads, in one place.
//
// {name} is filled in.  A text that depends on a number is a table by the
// plural categories of its language, chosen by {count}.  To translate: the
// same keys with other texts, and the language's tag in LANGUAGE.

export const LANGUAGE = "en"

export const MESSAGES = {
  "app.name": "Tidings",
  "app.title_unread": "({count}) Tidings",

  "action.again": "Try again",

  "field.name": "Name",
  "field.username": "Username",
  "field.password": "Password",

  "login.title": "Log in",
  "login.submit": "Log in",
  "login.no_account": "New here?",
  "login.register": "Create an account",
  "login.ended.revoked": "You have been logged out.",
  "login.ended.expired": "Your session has expired. Please log in again.",
  "login.ended.disabled": "Your account has been disabled. Ask an administrator.",

  "register.title": "Create your account",
  "register.submit": "Create account",
  "register.invited": "You have been invited. Welcome!",
  "register.name_hint": "As others will see it.",
  "register.username_hint": "Letters, digits and . _ - only. Others find you by it.",
  "register.password_hint": "The longer, the better. A few words are fine.",
  "register.has_account": "Already have an account?",
  "register.log_in": "Log in",

  "missing.title": "There is nothing here",
  "missing.hint": "The address may be mistyped, or what was here is gone.",
  "missing.home": "Go to your conversations",

  "account.log_out": "Log out",

  "people.find": "Find a person",
  "people.found": { one: "{count} person found", other: "{count} people found" },
  "people.none": "Nobody found. Try the start of a name or username.",

  "conversations.label": "Conversations",
  "conversations.empty": "No conversations yet",
  "conversations.empty_hint": "Find a person above and say hello.",
  "conversations.unread": { one: "{count} unread message", other: "{count} unread messages" },
  "conversations.you": "You: {text}",
  "conversations.group": "Group",

  "thread.none": "Choose a conversation",
  "thread.none_hint": "Or find a person and start a new one.",
  "thread.gone": "This conversation is not there, or not for you.",
  "thread.back": "Back to conversations",
  "thread.messages": "Messages",
  "thread.online": "Online",
  "thread.members": { one: "{count} member", other: "{count} members" },
  "thread.beginning": "This is the beginning of your conversation with {name}.",
  "thread.not_loaded": "The messages could not be loaded.",
  "thread.newest": "To the newest message",
  "thread.new": { one: "{count} new message", other: "{count} new messages" },

  "typing.one": "{name} is typing…",
  "typing.two": "{name} and {other} are typing…",
  "typing.many": "Several people are typing…",

  "message.you": "You",
  "message.edited": "edited",
  "message.deleted": "This message was deleted",
  "message.file": "File: {name}",
  "message.system": "The conversation was changed",
  "message.pending": "Sending",
  "message.sent": "Sent",
  "message.delivered": "Delivered",
  "message.read": "Read",
  "message.failed": "Not sent",

  "composer.label": "Write a message",
  "composer.send": "Send",
  "composer.left": { one: "{count} character left", other: "{count} characters left" },
  "composer.over": { one: "{count} character too many", other: "{count} characters too many" },

  "connection.connecting": "Connecting…",
  "connection.offline": "You are offline. Messages will be sent when you are back.",

  "day.today": "Today",
  "day.yesterday": "Yesterday",

  "error.network": "The server can't be reached.",
  "error.unavailable": "The server is not available right now.",
  "error.rate_limited": "That was too fast. Wait a moment.",
  "error.bad_credentials": "The username or the password is wrong.",
  "error.username_taken": "This username is taken.",
  "error.registration_closed": "Registration is closed here.",
  "error.invitation_needed": "You need an invitation to register here.",
  "error.invitation_used": "This invitation is no longer valid.",
  "error.not_accepted": "This person doesn't accept messages from you.",
  "error.blocked_by_you": "You have blocked this person.",
  "error.not_found": "It is no longer there.",
  "error.text_too_long": "The message is too long.",
  "error.text_empty": "There is nothing in it.",
  "error.username_reserved": "This username can't be used.",
  "error.password_common": "This password is among the commonest. Choose another.",
  "error.password_is_username": "The password must not be the username.",
  "error.forbidden": "You may not do that.",
  "error.required": "Please fill this in.",
  "error.unknown": "Something went wrong ({code}).",
}
