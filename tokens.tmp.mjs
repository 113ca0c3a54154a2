import { encode } from 'gpt-tokenizer';
import { toolByName } from './dist/mcp/tools/handlers.js';
import { serverInstructions } from './dist/mcp/instructions.js';
const tools=[...toolByName.values()].map(t=>t.describe());
const bare=tools.map(({name,description,inputSchema})=>({name,description,inputSchema}));
console.log(encode(serverInstructions).length, encode(`${serverInstructions}\n${JSON.stringify(bare)}`).length, encode(JSON.stringify(tools)).length);
for(const t of bare) console.log(t.name, encode(JSON.stringify(t)).length);
