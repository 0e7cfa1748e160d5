/** Tokens of a text as o200k counts them: what current models of OpenAI use, and near to what others do. */
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';

export const tokensOf = (text: string): number => countTokens(text, { disallowedSpecial: new Set() });
