export type ReportLevel = 'debug' | 'info' | 'warning' | 'error';

/**
 * Where background work says what a person should see (stderr, a log). Messages never hold what a user said,
 * nor keys.
 */
export type Reporter = (level: ReportLevel, message: string) => void;
