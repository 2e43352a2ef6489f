// Reads and tries to write as an analyst: the order comes as JSON over standard input, what came of it goes out as JSON.
import neo4j from 'neo4j-driver'

async function refusal(session, statement) {
  try {
    await session.run(statement)
    return null
  } catch (error) {
    return error.code ?? String(error)
  }
}

let text = ''
for await (const part of process.stdin) text += part
const order = JSON.parse(text)
const driver = neo4j.driver(order.url, neo4j.auth.basic(order.user, order.password), {
  disableLosslessIntegers: true,
  telemetryDisabled: true
})
try {
  const reading = driver.session({ database: order.database, defaultAccessMode: neo4j.session.READ })
  const found = await reading.run(order.read, order.params)
  await reading.close()
  const refused = []
  for (const statement of order.writes) {
    const writing = driver.session({ database: order.database, defaultAccessMode: neo4j.session.WRITE })
    refused.push(await refusal(writing, statement))
    await writing.close()
  }
  process.stdout.write(JSON.stringify({ rows: found.records.map(record => record.toObject()), refused }))
} finally {
  await driver.close()
}
