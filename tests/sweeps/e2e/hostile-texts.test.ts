import { describeHostileTexts, otherHostileTexts } from '../../support/hostile-text.js';

describeHostileTexts(otherHostileTexts);
