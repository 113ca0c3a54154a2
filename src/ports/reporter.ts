export type ReportLevel = 'debug' | 'info' | 'warning' | 'error';

/**
 * Reports background events that a person should see (stderr, a log). Messages contain neither user content
 * nor keys.
 */
export type Reporter = (level: ReportLevel, message: string) => void;
