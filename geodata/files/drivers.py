"""Which file formats GDAL may open at all: fixed before any library that carries GDAL is loaded.

A user's file decides nothing here. Formats that point to other files, databases or addresses
(VRT, WFS, database clients, "GDALG" recipes, …) are taken out of GDAL itself, so neither a
misleading extension nor hidden content can bring them back; remote file systems are closed too.
"""

from __future__ import annotations

import os
import sys

from coverage.errors import SettingsError

# Formats the planner reads or writes. CSV and OpenStreetMap files have readers of their own, and GDAL's
# CSV driver would take any file named .csv for itself.
VECTOR_DRIVERS: frozenset[str] = frozenset(
    {
        "ESRI Shapefile",
        "FlatGeobuf",
        "GPKG",
        "GeoJSON",
        "GeoJSONSeq",
        "KML",
        "LIBKML",
        "MEM",
        "Memory",
    }
)
RASTER_DRIVERS: frozenset[str] = frozenset({"GTiff", "MEM", "Memory"})

# Everything else in the two copies of GDAL (3.12 with pyogrio, 3.10 with rasterio). A driver that a
# later copy adds is found by `assert_safe_drivers` and belongs into these lists.
_PYOGRIO_SKIPS = (
    "ADBC,AIVector,AVCBin,AVCE00,AmigoCloud,CSV,CSW,Carto,DGN,DXF,EDIGEO,EEDA,ESRIJSON,Elasticsearch,"
    "GDALG,GML,GPSBabel,GPX,GTFS,GeoRSS,HTTP,Idrisi,JML,JSONFG,LVBAG,MBTiles,MVT,MapInfo File,"
    "MapML,MiraMonVector,NGW,OAPIF,ODS,OGCAPI,OGR_GMT,OGR_PDS,OGR_VRT,OSM,OpenFileGDB,PCIDSK,PDF,"
    "PDS4,PGDUMP,PLSCENES,PMTiles,S57,SQLite,SXF,Selafin,TopoJSON,VDV,VFK,VICAR,WAsP,WFS,XLSX"
)
_RASTERIO_SKIPS = (
    "AAIGrid,ACE2,ADRG,AIG,AVCBin,AVCE00,AirSAR,BAG,BIGGIF,BLX,BMP,BSB,BT,BYN,CALS,CEOS,"
    "COASP,COG,COSAR,CPG,CTG,CTable2,DAAS,DERIVED,DIMAP,DIPEx,DOQ1,DOQ2,DTED,ECRGTOC,EEDA,"
    "EEDAI,EHdr,EIR,ELAS,ENVI,ERS,ESAT,ESRI Shapefile,ESRIC,ESRIJSON,FAST,FIT,GFF,GIF,"
    "GNMDatabase,GNMFile,GPKG,GRASSASCIIGrid,GRIB,GS7BG,GSAG,GSBG,GSC,GTI,GTX,GXF,GenBin,"
    "GeoJSON,GeoJSONSeq,HDF5,HDF5Image,HF2,HFA,HTTP,ILWIS,IRIS,ISCE,ISG,ISIS2,ISIS3,JAXAPALSAR,"
    "JDEM,JP2OpenJPEG,JPEG,KMLSUPEROVERLAY,KRO,L1B,LAN,LCP,LOSLAS,Leveller,MAP,MBTiles,MFF,MFF2,"
    "MRF,MSGN,MVT,NDF,NGSGEOID,NITF,NOAA_B,NSIDCbin,NTv2,NWT_GRC,NWT_GRD,OSM,OZI,PAux,PCIDSK,"
    "PCRaster,PDF,PDS,PDS4,PLMOSAIC,PNG,PNM,PRF,R,RIK,RMF,ROI_PAC,RPFTOC,RRASTER,RS2,RST,"
    "Rasterlite,S102,S104,S111,SAFE,SAGA,SAR_CEOS,SDTS,SENTINEL2,SGI,SIGDEM,SNAP_TIFF,SNODAS,"
    "SQLite,SRP,SRTMHGT,STACIT,STACTA,TGA,TIL,TSX,Terragen,TopoJSON,USGSDEM,VICAR,VRT,WCS,WEBP,"
    "WMS,WMTS,XPM,XYZ,ZMap,Zarr,netCDF"
)

# No file has this extension, so every address of a remote file system is refused; and no proxy has this
# scheme, so whatever a format would still fetch by itself (a GeoJSON "crs" may be a link) ends in an error.
_CLOSED_NETWORK = {
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".remote-files-are-closed",
    "GDAL_HTTP_PROXY": "closed://127.0.0.1",
    "GDAL_HTTPS_PROXY": "closed://127.0.0.1",
    "GDAL_DRIVER_PATH": "disable",
    "PROJ_NETWORK": "OFF",
}


def permit_only_safe_drivers() -> None:
    """Close GDAL to every format and address the planner does not need; called once by ``geodata``.

    GDAL reads these settings when its drivers register: pyogrio when it is imported, which happens
    here, and rasterio when it is first used, for which the setting stays in the environment.
    """
    os.environ.update(_CLOSED_NETWORK)
    os.environ.pop("OGR_SKIP", None)
    os.environ["GDAL_SKIP"] = _PYOGRIO_SKIPS
    loaded_before = "pyogrio" in sys.modules
    from pyogrio._ogr import _register_drivers

    if loaded_before:
        _register_drivers()  # registering again applies the list to drivers that are there already
    os.environ["GDAL_SKIP"] = _RASTERIO_SKIPS


def assert_safe_drivers() -> None:
    """Check that pyogrio can open nothing but the permitted formats.

    Raises
    ------
    SettingsError
        ``drivers.not_permitted`` names the others: GDAL was loaded in a way that went round
        ``permit_only_safe_drivers``, or a new GDAL brings formats that are not listed here yet.
    """
    import pyogrio

    others = sorted(set(pyogrio.list_drivers()) - VECTOR_DRIVERS)
    if others:
        raise SettingsError("drivers.not_permitted", value=", ".join(others))
