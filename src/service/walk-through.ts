/** The walk-through of the reference, from sign-in to workbook, as Markdown. Its blocks of shell run one after the other. Pure. */

/** @param url where the service is reached */
export function walkThrough(url: string): string {
  return `## From sign-in to workbook

The blocks run one after the other in any POSIX shell with curl, as they stand against \`npm run dev\`, whose mailbox
shows what would be mailed. If that listens elsewhere, set \`MAILBOX\`; without it, set \`API\`, \`EMAIL\` and, once the mail has
come, \`CODE\`. A person is mailed at most 5 codes an hour.

\`\`\`sh
API=\${API:-${url}}
MAILBOX=\${MAILBOX:-http://localhost:8025}
EMAIL=\${EMAIL:-ana@acme.test}
# The first value of a text member in the JSON that comes in.
member() { grep -o "\\"$1\\":\\"[^\\"]*\\"" | head -n 1 | cut -d '"' -f 4; }
\`\`\`

Sign in: ask for a code, read it in the mail, open a session.

\`\`\`sh
curl -fsS -w "\\n" "$API/api/v1/sign-in-codes" -H 'Content-Type: application/json' -d "{\\"email\\":\\"$EMAIL\\"}"
sleep 2
CODE=\${CODE:-$(curl -fsS "$MAILBOX/emails" | member text | grep -oE '[0-9]{8}' | head -n 1)}
SESSION=$(curl -fsS "$API/api/v1/sessions" -H 'Content-Type: application/json' \\
  -d "{\\"email\\":\\"$EMAIL\\",\\"code\\":\\"$CODE\\"}" | member sessionId)
: "\${SESSION:?not signed in: no code came, or it was wrong}"
\`\`\`

Make a plan and an action in it. The action is the caller's own, since it names no assignee.

\`\`\`sh
PLAN=$(curl -fsS "$API/api/v1/company/action-plans" -H "SessionId: $SESSION" -H 'Content-Type: application/json' \\
  -d '{"title":"Quieter mornings","visibility":"PUBLIC"}' | member id)
curl -fsS -w "\\n" "$API/api/v1/company/actions" -H "SessionId: $SESSION" -H 'Content-Type: application/json' \\
  -d "{\\"planId\\":\\"$PLAN\\",\\"title\\":\\"Two hours without meetings\\",\\"dueDate\\":\\"2027-03-31\\"}"
\`\`\`

Export the plan. \`Location\` names the export; the workbook is built in the background and mailed as a link that expires.

\`\`\`sh
EXPORT=$(curl -fsS -X POST -o /dev/null -D - "$API/api/v1/company/action-plans/$PLAN/excel" -H "SessionId: $SESSION" |
  tr -d '\\r' | sed -n 's/^[Ll]ocation: //p')
: "\${EXPORT:?not exported}"
until curl -fsS "$API$EXPORT" -H "SessionId: $SESSION" | grep -qE '"status":"(SENT|FAILED)"'; do sleep 1; done
\`\`\`

The mail has the link; a fresh one can be had as long as the file is kept.

\`\`\`sh
LINK=$(curl -fsS -X POST "$API$EXPORT/links" -H "SessionId: $SESSION" | member url)
curl -fsS -o workbook.xlsx "$LINK"
\`\`\`

One's open actions as a calendar that any calendar program subscribes to. Its address is secret, and in this answer alone.

\`\`\`sh
CALENDAR=$(curl -fsS -X POST "$API/api/v1/company/me/calendar" -H "SessionId: $SESSION" | member url)
curl -fsS "$CALENDAR"
\`\`\`

A program that runs by night reads no mail: it signs in with an access key, which a person makes once, and which is shown
in this answer alone. It acts as that person; one with the scope \`READ\` only reads.

\`\`\`sh
KEY=$(curl -fsS "$API/api/v1/company/access-keys" -H "SessionId: $SESSION" -H 'Content-Type: application/json' \\
  -d '{"name":"Nightly report","scope":"READ"}' | member key)
curl -fsS -w "\\n" "$API/api/v1/company/action-plans" -H "Authorization: Bearer $KEY"
\`\`\`

A program that keeps a copy asks the feed where it starts, reads everything once, and from then on goes on from the cursor of
each page, at once while \`more\` is true and a while later otherwise. It reads anew what an entry names, and forgets what it
may no longer read (403, 404). A cursor that is 410 is too old: start over.

\`\`\`sh
CURSOR=$(curl -fsS "$API/api/v1/company/history/feed" -H "SessionId: $SESSION" | member cursor)
curl -fsS -X PATCH -o /dev/null "$API/api/v1/company/action-plans/$PLAN" -H "SessionId: $SESSION" \\
  -H 'Content-Type: application/json' -d '{"title":"Quiet mornings"}'
curl -fsS -w "\\n" "$API/api/v1/company/history/feed?after=$CURSOR" -H "SessionId: $SESSION"
\`\`\`

Be told of changes: make a webhook. Its secret is in this answer alone. \`npm run dev\` trusts its mailbox as a receiver, which
accepts what it can verify: give it the secret, change something, and see it arrive.

\`\`\`sh
SECRET=$(curl -fsS "$API/api/v1/company/webhooks" -H "SessionId: $SESSION" -H 'Content-Type: application/json' \\
  -d "{\\"url\\":\\"$MAILBOX/webhooks\\"}" | member secret)
curl -fsS -w "\\n" "$MAILBOX/webhooks/secrets" -d "{\\"secret\\":\\"$SECRET\\"}"
curl -fsS -o /dev/null -X PATCH "$API/api/v1/company/action-plans/$PLAN" -H "SessionId: $SESSION" \\
  -H 'Content-Type: application/json' -d '{"description":"Nobody is asked anything before ten."}'
until curl -fsS "$MAILBOX/webhooks" | grep -q plan.updated; do sleep 1; done
curl -fsS -w "\\n" "$MAILBOX/webhooks"
\`\`\``
}
