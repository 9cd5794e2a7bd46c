-- the library that is loaded is the version of the extension
SELECT dupex.version() = extversion AS same_version FROM pg_extension WHERE extname = 'dupex';
