//! Tables as files over a real socket: their length, their parts, and that parts of one version fit
//! together while the shop goes on.

use super::lists::stocked;
use crate::testing::decode;
use crate::testing::server::{Answer, TestServer};
use parquet::file::metadata::{ParquetMetaDataReader, RowGroupMetaData};

async fn part(server: &TestServer, path: &str, range: &str, headers: &str) -> Answer {
    server.request("GET", path, &format!("Range: bytes={range}\r\n{headers}")).await
}

fn number(answer: &Answer, header: &str) -> usize {
    answer.header(header).unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_table_in_a_file_has_its_length_and_head_tells_it_too() {
    let (server, _) = stocked().await;
    for form in ["csv", "ndjson", "arrow", "parquet"] {
        for path in [format!("/api/v1/customers.{form}"), format!("/api/v1/days?format={form}")] {
            let whole = server.get(&path).await;
            assert_eq!(number(&whole, "content-length"), whole.bytes.len(), "{path}");
            assert_eq!(whole.header("accept-ranges").as_deref(), Some("bytes"), "{path}");
            let head = server.request("HEAD", &path, "Range: bytes=0-1\r\n").await;
            assert_eq!((head.status, head.bytes.len()), (200, 0), "{path}");
            for header in ["content-length", "etag", "content-type", "accept-ranges"] {
                assert_eq!(head.header(header), whole.header(header), "{path} {header}");
            }
        }
    }
}

#[tokio::test]
async fn parts_are_parts_of_the_whole_and_what_is_outside_says_how_much_there_is() {
    let (server, _) = stocked().await;
    let path = "/api/v1/customers.csv";
    let whole = server.get(path).await;
    let length = whole.bytes.len();
    for (range, expected) in
        [("0-0", 0..1), ("5-", 5..length), ("-7", length - 7..length), ("3-99999999", 3..length)]
    {
        let part = part(&server, path, range, "").await;
        assert_eq!(
            (part.status, &part.bytes[..]),
            (206, &whole.bytes[expected.clone()]),
            "{range}"
        );
        let told = format!("bytes {}-{}/{length}", expected.start, expected.end - 1);
        assert_eq!(part.header("content-range"), Some(told));
        assert_eq!(part.header("etag"), whole.header("etag"));
        assert_eq!(number(&part, "content-length"), expected.len());
    }
    // What is a part is not compressed, and what cannot be understood is not asked for.
    let packed = part(&server, path, "0-99", "Accept-Encoding: gzip\r\n").await;
    assert_eq!((packed.status, packed.header("content-encoding")), (206, None));
    for range in ["5-2", "0-1,4-5", "x"] {
        assert_eq!(part(&server, path, range, "").await.status, 200, "{range}");
    }
    let outside = part(&server, path, &format!("{length}-"), "").await;
    assert_eq!(outside.status, 416);
    assert_eq!(outside.header("content-range"), Some(format!("bytes */{length}")));
    assert_eq!(outside.json()["status"], 416);
}

#[tokio::test]
async fn conditions_are_kept_and_every_part_is_of_the_version_that_they_name() {
    let (server, mut shop) = stocked().await;
    let path = "/api/v1/products.parquet";
    let first = server.get(path).await;
    let first_tag = first.header("etag").unwrap();
    server.commit(shop.buys_product("1", 5, "Neuf")).await;
    let agent = "User-Agent: another\r\n";
    let second = server.request("GET", path, agent).await;
    let second_tag = second.header("etag").unwrap();
    assert_ne!((&first_tag, &first.bytes), (&second_tag, &second.bytes));
    for (tag, whole) in [(&first_tag, &first), (&second_tag, &second)] {
        for condition in ["If-Match", "If-Range"] {
            let condition = format!("{condition}: {tag}\r\n");
            let part = part(&server, path, "-20", &condition).await;
            assert_eq!(part.status, 206, "{condition}");
            assert_eq!(part.bytes, whole.bytes[whole.bytes.len() - 20..], "{condition}");
        }
    }
    // Each program goes on with what it was told of.
    assert_eq!(part(&server, path, "0-9", "").await.header("etag").as_ref(), Some(&first_tag));
    let other = part(&server, path, "0-9", agent).await;
    assert_eq!(other.header("etag").as_ref(), Some(&second_tag));
    for tag in ["\"gone:1:parquet\"", "W/\"weak\""] {
        let whole = part(&server, path, "0-9", &format!("If-Range: {tag}\r\n")).await;
        assert_eq!((whole.status, &whole.bytes), (200, &second.bytes), "{tag}");
        let changed = part(&server, path, "0-9", &format!("If-Match: {tag}\r\n")).await;
        assert_eq!(changed.status, 412, "{tag}");
        assert_eq!(changed.json()["status"], 412);
    }
    // Who asks for everything gets what is now.
    assert_eq!(server.get(path).await.bytes, second.bytes);
}

#[tokio::test]
async fn a_reader_of_parquet_by_its_parts_gets_one_version_while_the_shop_goes_on() {
    let (server, mut shop) = stocked().await;
    let path = "/api/v1/customers.parquet?sort=customer_id";
    let all = server.get("/api/v1/customers?sort=customer_id").await.json();
    let mut sell = async || server.commit(shop.buys("1", 7)).await;
    let length = number(&server.request("HEAD", path, "").await, "content-length");
    let mut file = vec![0; length];
    sell().await;
    let end = part(&server, path, "-8", "").await.bytes;
    assert_eq!(&end[4..], b"PAR1");
    let metadata = u32::from_le_bytes(end[..4].try_into().unwrap()) as usize;
    sell().await;
    let footer = part(&server, path, &format!("{}-", length - 8 - metadata), "").await.bytes;
    file[length - 8 - metadata..].copy_from_slice(&footer);
    let metadata = ParquetMetaDataReader::decode_metadata(&footer[..metadata]).unwrap();
    for column in metadata.row_groups().iter().flat_map(RowGroupMetaData::columns) {
        sell().await;
        let (first, count) = column.byte_range();
        let (first, end) = (first as usize, (first + count) as usize);
        let bytes = part(&server, path, &format!("{first}-{}", end - 1), "").await.bytes;
        file[first..end].copy_from_slice(&bytes);
    }
    assert_eq!(decode::parquet(&file), decode::json_rows(&all));
    let now = decode::parquet(&server.get(path).await.bytes);
    assert_ne!(now, decode::json_rows(&all), "the shop has gone on");
}

#[tokio::test]
async fn the_suffix_of_a_list_says_its_form_and_one_of_an_id_says_nothing() {
    let (server, mut shop) = stocked().await;
    server.commit(shop.is("9.csv", "Dot", "", "")).await;
    for table in ["customers", "products", "months", "days", "countries", "quarantine"] {
        for form in ["json", "csv", "ndjson", "arrow", "parquet"] {
            let by_suffix = server.get(&format!("/api/v1/{table}.{form}?limit=2")).await;
            let by_query = server.get(&format!("/api/v1/{table}?format={form}&limit=2")).await;
            assert_eq!(by_suffix.status, 200, "{table}.{form}: {}", by_suffix.body);
            assert_eq!(by_suffix.bytes, by_query.bytes, "{table}.{form}");
            assert_eq!(by_suffix.header("content-type"), by_query.header("content-type"));
            if let Some(link) = by_suffix.header("link") {
                assert!(link.starts_with(&format!("</api/v1/{table}.{form}?limit=2&")), "{link}");
            }
        }
    }
    for form in ["ndjson", "parquet"] {
        assert_eq!(server.get(&format!("/api/v1/silver.{form}")).await.status, 200);
    }
    let dotted = server.get("/api/v1/customers/9.csv").await.json();
    assert_eq!(dotted["customer_id"], "9.csv");
    let missing = server.get("/api/v1/customers.xlsx").await;
    assert_eq!(missing.status, 404);
    assert!(missing.body.contains("customers.parquet"), "{}", missing.body);
    assert_eq!(server.get("/api/v1/bronze.json").await.status, 404);
    let twice = server.get("/api/v1/customers.csv?format=csv").await;
    assert_eq!(twice.status, 400, "{}", twice.body);
}
