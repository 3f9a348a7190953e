/** Random cases in which two operators, or two calls of one, must give the same. */
import { describeIdentities } from '../properties/declare.js';
import { IDENTITIES } from '../properties/operators/identities.js';

describeIdentities(IDENTITIES);
