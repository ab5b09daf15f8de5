"""Amazon's own library against the strict store of the tests: objects, uploads with odd ids, lists in pages, versions,
locks, and credentials that are refused. Arguments: endpoint, id, secret, and the upload ids that the store will give,
all of them twice. Ends with a traceback where something is not as the library's documentation has it."""

import base64
import hashlib
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

endpoint, key_id, secret, *ids = sys.argv[1:]


def client(key_id=key_id, secret=secret, token=None, region="us-east-1"):
    config = Config(
        retries={"total_max_attempts": 1},
        s3={"addressing_style": "path"},
        request_checksum_calculation="when_required",
    )
    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id=key_id,
        aws_secret_access_key=secret,
        aws_session_token=token,
        config=config,
    )


def refused(call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"]
    raise AssertionError(f"not refused: {arguments}")


s3 = client()
for key in ["plain", "a b/é+~'(1)*!$&=;:@,%41"]:
    s3.put_object(Bucket="dumps", Key=key, Body=b"one", ContentType="text/x")
    answer = s3.get_object(Bucket="dumps", Key=key)
    assert (answer["Body"].read(), answer["ContentType"]) == (b"one", "text/x")
    assert s3.head_object(Bucket="dumps", Key=key)["ContentLength"] == 3
    assert [item["Key"] for item in s3.list_objects_v2(Bucket="dumps")["Contents"]] == [key]
    s3.delete_object(Bucket="dumps", Key=key)
    s3.delete_object(Bucket="dumps", Key=key)
    assert refused(s3.get_object, Bucket="dumps", Key=key) == "NoSuchKey"
    assert refused(s3.head_object, Bucket="dumps", Key=key) == "404"
s3.head_bucket(Bucket="dumps")
assert refused(s3.put_object, Bucket="none", Key="k", Body=b"") == "NoSuchBucket"

for upload_id in ids:
    place = dict(Bucket="dumps", Key="k x")
    upload = dict(place, UploadId=s3.create_multipart_upload(**place)["UploadId"])
    assert upload["UploadId"] == upload_id, upload
    tag = s3.upload_part(**upload, PartNumber=1, Body=b"abc")["ETag"]
    wrong = {"Parts": [{"ETag": "0", "PartNumber": 1}]}
    assert refused(s3.complete_multipart_upload, **upload, MultipartUpload=wrong) == "InvalidPart"
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [{"ETag": tag, "PartNumber": 1}]})
    assert s3.get_object(**place)["Body"].read() == b"abc"
    assert refused(s3.abort_multipart_upload, **upload) == "NoSuchUpload"

begun = []
for number, upload_id in enumerate(ids):
    place = dict(Bucket="dumps", Key=f"k/{number % 3}")
    begun.append((place["Key"], s3.create_multipart_upload(**place)["UploadId"]))
assert [upload_id for _, upload_id in begun] == ids
pages = s3.get_paginator("list_multipart_uploads")
listed = [
    (item["Key"], item["UploadId"])
    for page in pages.paginate(Bucket="dumps", Prefix="k/", PaginationConfig={"PageSize": 2})
    for item in page.get("Uploads", [])
]
assert listed == sorted(begun), (listed, begun)
for key, upload_id in begun:
    s3.abort_multipart_upload(Bucket="dumps", Key=key, UploadId=upload_id)

for bucket in ["versions", "locked"]:
    place = dict(Bucket=bucket, Key="k")
    for body in [b"one", b"two", b"three"]:
        s3.put_object(**place, Body=body, ContentMD5=base64.b64encode(hashlib.md5(body).digest()).decode())
    marker = s3.delete_object(**place)
    assert marker["DeleteMarker"] is True
    assert refused(s3.get_object, **place) == "NoSuchKey"
    assert refused(s3.head_object, **place, VersionId=marker["VersionId"]) == "405"
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix="k", PaginationConfig={"PageSize": 2})
    pages = list(pages)
    versions = [item["VersionId"] for page in pages for item in page.get("Versions", [])]
    markers = [item["VersionId"] for page in pages for item in page.get("DeleteMarkers", [])]
    assert (len(versions), markers) == (3, [marker["VersionId"]]), pages
    bodies = {s3.get_object(**place, VersionId=version)["Body"].read() for version in versions}
    assert bodies == {b"one", b"two", b"three"}
    for version in versions:
        if bucket == "locked":
            assert refused(s3.delete_object, **place, VersionId=version) == "AccessDenied"
        else:
            s3.delete_object(**place, VersionId=version)
    s3.delete_object(**place, VersionId=marker["VersionId"])
    left = s3.list_object_versions(Bucket=bucket)
    assert len(left.get("Versions", [])) == (3 if bucket == "locked" else 0), left
assert refused(s3.put_object, Bucket="locked", Key="k", Body=b"x") == "InvalidRequest"
assert refused(s3.put_object, Bucket="versions", Key="k", Body=b"x", ContentMD5="AAAAAAAAAAAAAAAAAAAAAA==") == "BadDigest"

for other, code in [
    (client(secret="wrong"), "SignatureDoesNotMatch"),
    (client(key_id="AKIDOTHER"), "InvalidAccessKeyId"),
    (client(token="t"), "InvalidToken"),
]:
    assert refused(other.put_object, Bucket="dumps", Key="k", Body=b"x") == code
# The library reads the right region in the answer, and tries again.
client(region="eu-west-1").put_object(Bucket="dumps", Key="k", Body=b"x")
