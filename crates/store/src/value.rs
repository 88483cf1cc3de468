//! Values bound to a query, encoded natively for each database.
//!
//! PostgreSQL gets its own types (uuid, timestamptz, jsonb), SQLite blob, integer microseconds and text.
//! The nulls are typed because PostgreSQL wants to know.

use doorstep_core::{Id, Timestamp};
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgArguments, PgHasArrayType, PgTypeInfo, PgValueRef};
use sqlx::sqlite::{SqliteArguments, SqliteArgumentsBuffer, SqliteTypeInfo, SqliteValueRef};
use sqlx::{Arguments, Decode, Encode, Postgres, Sqlite, Type};
use uuid::Uuid;

/// One bound value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Value {
    /// A whole number.
    Int(Option<i64>),
    /// Yes or no.
    Bool(Option<bool>),
    /// Text.
    Text(Option<String>),
    /// An id.
    Id(Option<Uuid>),
    /// An instant.
    Time(Option<Timestamp>),
    /// JSON, as text that was written by serde_json.
    Json(Option<String>),
    /// Bytes.
    Bytes(Option<Vec<u8>>),
    /// A column of values of one type: PostgreSQL takes many rows as one array a column, SQLite has no arrays.
    Column(Vec<Value>),
}

/// A list of [`Value`]s: `args![id, name, now]`.
#[macro_export]
macro_rules! args {
    ($($value:expr),* $(,)?) => { vec![$($crate::value::Value::from($value)),*] };
}

macro_rules! from {
    ($($from:ty => |$value:ident| $to:expr;)*) => {$(
        impl From<$from> for Value {
            fn from($value: $from) -> Self {
                $to
            }
        }
    )*};
}

from! {
    i64 => |value| Self::Int(Some(value));
    Option<i64> => |value| Self::Int(value);
    u64 => |value| Self::Int(Some(i64::try_from(value).unwrap_or(i64::MAX)));
    bool => |value| Self::Bool(Some(value));
    &str => |value| Self::Text(Some(value.to_owned()));
    String => |value| Self::Text(Some(value));
    Option<String> => |value| Self::Text(value);
    Option<&str> => |value| Self::Text(value.map(str::to_owned));
    Uuid => |value| Self::Id(Some(value));
    Option<Uuid> => |value| Self::Id(value);
    Timestamp => |value| Self::Time(Some(value));
    Option<Timestamp> => |value| Self::Time(value);
    Vec<u8> => |value| Self::Bytes(Some(value));
    serde_json::Value => |value| Self::Json(Some(value.to_string()));
}

impl<K> From<Id<K>> for Value {
    fn from(id: Id<K>) -> Self {
        Self::Id(Some(id.uuid()))
    }
}

impl<K> From<Option<Id<K>>> for Value {
    fn from(id: Option<Id<K>>) -> Self {
        Self::Id(id.map(Id::uuid))
    }
}

impl Value {
    /// The null of the same type.
    pub(crate) fn null_alike(&self) -> Self {
        match self {
            Self::Int(_) => Self::Int(None),
            Self::Bool(_) => Self::Bool(None),
            Self::Text(_) => Self::Text(None),
            Self::Id(_) => Self::Id(None),
            Self::Time(_) => Self::Time(None),
            Self::Json(_) => Self::Json(None),
            Self::Bytes(_) => Self::Bytes(None),
            Self::Column(_) => Self::Column(Vec::new()),
        }
    }

    /// PostgreSQL's name of the type.
    pub(crate) fn postgres_type(&self) -> &'static str {
        match self {
            Self::Int(_) => "bigint",
            Self::Bool(_) => "boolean",
            Self::Text(_) => "text",
            Self::Id(_) => "uuid",
            Self::Time(_) => "timestamptz",
            Self::Json(_) => "jsonb",
            Self::Bytes(_) => "bytea",
            Self::Column(values) => values.first().map_or("text", Self::postgres_type),
        }
    }

    /// The JSON of anything that serialises.
    pub fn json(value: &impl serde::Serialize) -> Result<Self, serde_json::Error> {
        Ok(Self::Json(Some(serde_json::to_string(value)?)))
    }
}

/// An instant as a column: timestamptz on PostgreSQL, integer microseconds on SQLite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct At(pub Timestamp);

/// JSON text bound without parsing it again.
struct JsonText(Option<String>);

/// PostgreSQL's fixed object ids of timestamptz and jsonb, and of arrays of them (pg_type.dat).
const TIMESTAMPTZ: Oid = Oid(1184);
const TIMESTAMPTZ_ARRAY: Oid = Oid(1185);
const JSONB: Oid = Oid(3802);
const JSONB_ARRAY: Oid = Oid(3807);
/// PostgreSQL counts from 2000-01-01; this is that instant in microseconds since 1970.
const POSTGRES_EPOCH_MICROS: i64 = 946_684_800_000_000;

/// As SQLite keeps it.
impl<'de> serde::Deserialize<'de> for At {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        i64::deserialize(deserializer).map(|micros| Self(Timestamp::from_micros(micros)))
    }
}

impl Type<Postgres> for At {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(TIMESTAMPTZ)
    }

    fn compatible(ty: &PgTypeInfo) -> bool {
        ty.oid() == Some(TIMESTAMPTZ)
    }
}

impl PgHasArrayType for At {
    fn array_type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(TIMESTAMPTZ_ARRAY)
    }
}

impl Encode<'_, Postgres> for At {
    fn encode_by_ref(&self, buf: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        let micros = self.0.micros().saturating_sub(POSTGRES_EPOCH_MICROS);
        buf.extend_from_slice(&micros.to_be_bytes());
        Ok(IsNull::No)
    }
}

impl<'r> Decode<'r, Postgres> for At {
    fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
        let bytes: [u8; 8] = value.as_bytes()?.try_into()?;
        Ok(Self(Timestamp::from_micros(i64::from_be_bytes(bytes).saturating_add(POSTGRES_EPOCH_MICROS))))
    }
}

impl Type<Sqlite> for At {
    fn type_info() -> SqliteTypeInfo {
        <i64 as Type<Sqlite>>::type_info()
    }

    fn compatible(ty: &SqliteTypeInfo) -> bool {
        <i64 as Type<Sqlite>>::compatible(ty)
    }
}

impl Encode<'_, Sqlite> for At {
    fn encode_by_ref(&self, buf: &mut SqliteArgumentsBuffer) -> Result<IsNull, BoxDynError> {
        Encode::<Sqlite>::encode(self.0.micros(), buf)
    }
}

impl<'r> Decode<'r, Sqlite> for At {
    fn decode(value: SqliteValueRef<'r>) -> Result<Self, BoxDynError> {
        Ok(Self(Timestamp::from_micros(<i64 as Decode<Sqlite>>::decode(value)?)))
    }
}

impl Type<Postgres> for JsonText {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(JSONB)
    }
}

impl PgHasArrayType for JsonText {
    fn array_type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(JSONB_ARRAY)
    }
}

impl Encode<'_, Postgres> for JsonText {
    fn encode_by_ref(&self, buf: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        let Some(text) = &self.0 else { return Ok(IsNull::Yes) };
        buf.extend_from_slice(&[1]); // version of the jsonb wire format
        buf.extend_from_slice(text.as_bytes());
        Ok(IsNull::No)
    }
}

/// The values as SQLite wants them.
pub(crate) fn sqlite(values: Vec<Value>) -> Result<SqliteArguments, BoxDynError> {
    let mut args = SqliteArguments::default();
    args.reserve(values.len(), 0);
    for value in values {
        match value {
            Value::Int(value) => args.add(value)?,
            Value::Bool(value) => args.add(value)?,
            Value::Text(value) | Value::Json(value) => args.add(value)?,
            Value::Id(value) => args.add(value)?,
            Value::Time(value) => args.add(value.map(Timestamp::micros))?,
            Value::Bytes(value) => args.add(value)?,
            Value::Column(_) => return Err("SQLite has no arrays".into()),
        }
    }
    Ok(args)
}

/// The values as PostgreSQL wants them.
pub(crate) fn postgres(values: Vec<Value>) -> Result<PgArguments, BoxDynError> {
    let mut args = PgArguments::default();
    args.reserve(values.len(), values.len() * 16);
    for value in values {
        match value {
            Value::Int(value) => args.add(value)?,
            Value::Bool(value) => args.add(value)?,
            Value::Text(value) => args.add(value)?,
            Value::Id(value) => args.add(value)?,
            Value::Time(value) => args.add(value.map(At))?,
            Value::Json(value) => args.add(JsonText(value))?,
            Value::Bytes(value) => args.add(value)?,
            Value::Column(values) => add_column(&mut args, values)?,
        }
    }
    Ok(args)
}

/// One array of what the values hold: all are of the type of the first.
fn add_column(args: &mut PgArguments, values: Vec<Value>) -> Result<(), BoxDynError> {
    macro_rules! add {
        ($kind:ident, $value:ident => $held:expr) => {{
            let mut held = Vec::with_capacity(values.len());
            for value in values {
                let Value::$kind($value) = value else { return Err("a column of values of several types".into()) };
                held.push($held);
            }
            args.add(held)
        }};
    }
    match values.first() {
        Some(Value::Int(_)) => add!(Int, value => value),
        Some(Value::Bool(_)) => add!(Bool, value => value),
        Some(Value::Text(_)) => add!(Text, value => value),
        Some(Value::Id(_)) => add!(Id, value => value),
        Some(Value::Time(_)) => add!(Time, value => value.map(At)),
        Some(Value::Json(_)) => add!(Json, value => value.map(|text| JsonText(Some(text)))),
        Some(Value::Bytes(_)) => add!(Bytes, value => value),
        Some(Value::Column(_)) | None => Err("a column without values".into()),
    }
}
