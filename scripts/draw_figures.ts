// Writes docs/images/figures/, the figures of the articles: npm run docs -- figures
import fs from 'node:fs';
import path from 'node:path';
import { figures } from './figures/figures.js';

const folder = path.resolve(__dirname, '../docs/images/figures');
fs.mkdirSync(folder, { recursive: true });
for (const [name, svg] of Object.entries(figures())) fs.writeFileSync(path.join(folder, `${name}.svg`), svg);
